/**
 * Attacks one after the other, of which every image keeps its worst outcome: restarts, targets one by one, or
 * the stages of AutoAttack, which go over the images that are still standing.
 */
import type { Pause } from '../batched.js';
import { batchCount } from '../data/batches.js';
import type { ResidentData } from '../data/resident.js';
import type { GraphHost } from '../graph/compile.js';
import type { Model } from '../models/model.js';
import type { ParameterTensors } from '../parameters.js';
import { opSeed } from '../random.js';
import type { AttackScores } from './attack-evaluation.js';
import type { Bounds } from './bounds.js';
import { compileProcedure, type CompiledProcedure } from './compile-procedure.js';
import { createInspector } from './inspection.js';
import { harmless, mean, standing } from './outcomes.js';
import type { Procedure } from './procedure.js';
import { apply, fresh, type SequenceProgress } from './sequence-progress.js';

/** One pass over the images with one procedure. */
export interface Pass {
  /** Which of the procedures. */
  readonly procedure: string;
  /** Of the class to aim at among the others, 1 the most likely. */
  readonly rank: number;
  /** Whether it starts at random, for a procedure that may start at the images. */
  readonly random: boolean;
  /** Over all images, or over those that nothing has fooled so far. */
  readonly over: 'all' | 'standing';
  /** Makes no use of gradients. */
  readonly blackBox?: true;
  /** Only asks what it would find: its outcomes do not count. */
  readonly check?: true;
}

export interface Sequence {
  readonly procedures: Readonly<Record<string, Procedure>>;
  readonly passes: readonly Pass[];
  /** Whether an image as it is counts among the outcomes; else the attacks alone do. */
  readonly fromClean: boolean;
  readonly seed: number;
}

export interface Checks {
  /** Shares of the images, 0 to 1: see Inspection. */
  readonly zeroGradient: number;
  readonly random: number;
  /** Share of the images of the gradient attacks whose loss fell in the second half of the steps; null: none attacked. */
  readonly fell: number | null;
  /** Share of all images that only the black-box attack fooled; null: it was not asked. */
  readonly blackBoxGain: number | null;
}

export interface SequenceScores extends AttackScores {
  readonly checks: Checks;
  /** Share of the images of another class that were taken for the class aimed at, per cent; null: no such aim. */
  readonly targetedSuccess: number | null;
}

export interface Sequencer {
  /** Most calls of one attack. */
  readonly calls: number;
  /** `onPass` is told after every pass but the last; what it gets changes with the next call. */
  attack(
    weights: ParameterTensors,
    pause: Pause,
    from?: SequenceProgress | null,
    onPass?: (progress: SequenceProgress) => void,
  ): Promise<SequenceScores>;
  dispose(): void;
}

export function createSequencer(
  host: GraphHost,
  model: Model,
  sequence: Sequence,
  bounds: Bounds,
  data: ResidentData,
  batchSize: number,
): Sequencer {
  const inspector = createInspector(host, model, data, batchSize);
  const compiled = new Map(
    Object.entries(sequence.procedures).map(([name, procedure]) => [
      name,
      compileProcedure(host, model, procedure, bounds, data, batchSize),
    ]),
  );
  const attack: Sequencer['attack'] = async (weights, pause, from = null, onPass) => {
    const progress = from ?? (await begun(weights, pause));
    for (const [i, pass] of sequence.passes.entries()) {
      if (i < progress.passes) continue;
      if (pass.blackBox) progress.gained ??= 0;
      await runPass(compiled.get(pass.procedure)!, pass, i, weights, progress, pause);
      progress.passes = i + 1;
      if (i + 1 < sequence.passes.length) onPass?.(progress);
    }
    return scoresOf(progress, data.count);
  };
  const begun = async (weights: ParameterTensors, pause: Pause): Promise<SequenceProgress> => {
    const { images, zeroGradient, random } = await inspector.inspect(weights, pause);
    const { nll, wrong } = sequence.fromClean ? images : harmless(data.count);
    return fresh({
      cleanNll: mean(images.nll),
      cleanError: 100 * mean(images.wrong),
      ...{ zeroGradient, random, nll: nll.slice(), wrong: wrong.slice() },
    });
  };
  const runPass = async (
    procedure: CompiledProcedure,
    pass: Pass,
    index: number,
    weights: ParameterTensors,
    progress: SequenceProgress,
    pause: Pause,
  ): Promise<void> => {
    const images =
      pass.over === 'all'
        ? Int32Array.from({ length: data.count }, (_, i) => i)
        : standing(progress);
    const start = {
      seed: (at: number) => opSeed(sequence.seed, `attack-pass-${index}`, at),
      ...{ rank: pass.rank, random: pass.random, untilFooled: pass.over === 'standing' },
    };
    await procedure.run(weights, images, start, (found) => apply(progress, pass, found), pause);
  };
  const perPass = (name: string): number =>
    batchCount(data.count, Math.min(batchSize, data.count)) *
    (sequence.procedures[name]!.steps + 2);
  return {
    calls: sequence.passes.reduce(
      (sum, { procedure }) => sum + perPass(procedure),
      inspector.batches,
    ),
    attack,
    dispose() {
      inspector.dispose();
      for (const procedure of compiled.values()) procedure.dispose();
    },
  };
}

function scoresOf(progress: SequenceProgress, n: number): SequenceScores {
  const { cleanNll, cleanError, zeroGradient, random, nll, wrong, seen, hits } = progress;
  const aimedAt = hits.filter((hit) => hit >= 0);
  return {
    ...{ cleanNll, cleanError, n },
    robustNll: mean(nll),
    robustError: 100 * mean(wrong),
    targetedSuccess: aimedAt.length === 0 ? null : 100 * mean(aimedAt),
    checks: {
      ...{ zeroGradient, random },
      fell: seen === 0 ? null : progress.fell / seen,
      blackBoxGain: progress.gained === null ? null : progress.gained / n,
    },
  };
}
