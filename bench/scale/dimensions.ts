/** Sizes that costs are measured against: five sizes each, every one twice the one before. */

/** Computed in one process that holds an engine. */
export const engineDimensions = [
  'images',
  'points',
  'bends',
  'steps',
  'attack-steps',
  'seeds',
  'parameters',
] as const;
export type EngineDimension = (typeof engineDimensions)[number];

/** Planned in this process, without a stack. */
export const planningDimensions = ['sweep', 'planned'] as const;
export type PlanningDimension = (typeof planningDimensions)[number];

/** Carried out by a stack of its own. */
export const stackDimensions = ['runs', 'cached'] as const;
export type StackDimension = (typeof stackDimensions)[number];

export const dimensionNames = [
  ...engineDimensions,
  ...planningDimensions,
  ...stackDimensions,
] as const;
export type DimensionName = (typeof dimensionNames)[number];

export interface Dimension {
  readonly title: string;
  /** One unit of the size. */
  readonly unit: string;
  readonly smallest: number;
  /** The time that does not grow. */
  readonly fixedTime: string;
  /** The memory that does not grow. */
  readonly fixedMemory: string;
}

const session = 'capture of the graph, a session from the pool';
const engine = 'a process with TensorFlow, weights and images';

export const dimensions: Readonly<Record<DimensionName, Dimension>> = {
  images: {
    ...{ title: 'evaluation of cnn-small', unit: 'image', smallest: 1280 },
    ...{ fixedTime: session, fixedMemory: engine },
  },
  points: {
    ...{ title: 'evaluation of 640 images along a curve', unit: 'point t', smallest: 4 },
    ...{ fixedTime: session, fixedMemory: engine },
  },
  bends: {
    ...{ title: '20 steps of a curve', unit: 'bend', smallest: 1 },
    ...{ fixedTime: 'capture of the step, its network once', fixedMemory: engine },
  },
  steps: {
    ...{ title: 'training of cnn-small', unit: 'step', smallest: 20 },
    ...{ fixedTime: 'capture of the step', fixedMemory: engine },
  },
  'attack-steps': {
    ...{ title: 'PGD on 128 images', unit: 'step', smallest: 10 },
    ...{ fixedTime: 'capture of the attack, scores before and after', fixedMemory: engine },
  },
  seeds: {
    ...{ title: 'endpoints of 10 steps', unit: 'seed', smallest: 1 },
    ...{ fixedTime: 'nothing is shared but the session', fixedMemory: engine },
  },
  parameters: {
    ...{ title: '10 steps of 1, 2, ... dense layers of 512', unit: 'parameter', smallest: 1 },
    ...{ fixedTime: 'capture of the step, its batches', fixedMemory: engine },
  },
  sweep: {
    ...{ title: 'plan of a swept study', unit: 'case', smallest: 125 },
    ...{ fixedTime: 'reading of the file', fixedMemory: 'the planning process' },
  },
  planned: {
    ...{ title: 'plan of probes in rows of ten', unit: 'run', smallest: 6250 },
    ...{ fixedTime: 'reading of the file', fixedMemory: 'the planning process' },
  },
  runs: {
    ...{ title: 'experiments of probes', unit: 'run', smallest: 625 },
    ...{ fixedTime: 'start of the command, its last look', fixedMemory: 'the worker' },
  },
  cached: {
    ...{ title: 'the same again, all cached', unit: 'run', smallest: 625 },
    ...{ fixedTime: 'start of the command, its last look', fixedMemory: 'the worker' },
  },
};

/** Doubled four times. */
export function sizes({ smallest }: Dimension): readonly number[] {
  return [1, 2, 4, 8, 16].map((factor) => factor * smallest);
}
