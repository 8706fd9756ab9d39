/** Training as endpoints are trained, held between the blocks of a measurement. */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';
import type { CertifiedTraining } from '../../experiment/specs/training.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { trainFrom } from '../../numerics/training/endpoint.js';
import type { Setting } from './setting.js';
import { batchSize } from './sizes.js';
import type { PreparedWork } from './work.js';

/** Enough that no block ever reaches the end, and that the learning rate does not move. */
const epochs = 10_000;

const recipe = { epochs, batchSize, learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 };

export function trainingStep(setting: Setting): PreparedWork {
  return stepsOf(setting);
}

/** Radius and weight of the worst case are as large from the first step on. */
export function certifiedStep(setting: Setting): PreparedWork {
  return stepsOf(setting, { epsilon: 0.1, kappa: 0.75, begin: 0, end: 1 / epochs, levels: 1 });
}

function stepsOf(
  { host, model, weights, data }: Setting,
  certified?: CertifiedTraining,
): PreparedWork {
  const gate = createGate();
  const start = model.parameters.map((_, i) => tf.clone(weights[i]!));
  const training = trainFrom(noticingCalls(host, gate.called), start, {
    model,
    recipe,
    adversarial: null,
    certified,
    data,
    seed: 1,
    onStep: gate.step,
  }).then(tf.dispose, gate.fail);
  return {
    async measure({ warm, repeat, calls }) {
      if (warm > 0) await gate.advance(warm);
      const samples: number[] = [];
      for (let i = 0; i < repeat; i++) samples.push(await gate.advance(calls));
      return samples;
    },
    async dispose() {
      gate.stop();
      await training;
    },
  };
}

/** One native call may take several steps, which are reported together after it. */
function noticingCalls(host: GraphHost, called: () => void): GraphHost {
  return {
    load(nodes) {
      const session = host.load(nodes);
      return {
        run(signature, inputs) {
          called();
          return session.run(signature, inputs);
        },
        dispose: () => session.dispose(),
      };
    },
  };
}

interface Gate {
  readonly called: () => void;
  /** To be called after every step; waits after a native call unless more steps are asked for. */
  readonly step: () => Promise<void> | void;
  /** Lets at least so many steps happen, whole calls of them; milliseconds of one step. */
  advance(steps: number): Promise<number>;
  /** Ends the training. */
  stop(): void;
  readonly fail: (error: Error) => void;
}

interface Advance {
  readonly steps: number;
  readonly begunMs: number;
  resolve(ms: number): void;
  reject(error: Error): void;
}

class Stopped extends Error {}

function createGate(): Gate {
  let isFirstOfCall = false;
  let taken = 0;
  let asked: Advance | null = null;
  let open: (() => void) | null = null;
  let ended: Error | null = null;
  const closed = async (): Promise<void> => {
    while (asked === null && ended === null) await new Promise<void>((resolve) => (open = resolve));
    if (ended !== null) throw ended;
    taken = 1;
  };
  return {
    called: () => void (isFirstOfCall = true),
    step() {
      if (!isFirstOfCall || (asked !== null && taken < asked.steps)) {
        isFirstOfCall = false;
        taken += 1;
        return;
      }
      isFirstOfCall = false;
      asked?.resolve((performance.now() - asked.begunMs) / taken);
      asked = null;
      return closed();
    },
    advance: (steps) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended);
        asked = { steps, begunMs: performance.now(), resolve, reject };
        open?.();
      }),
    stop() {
      ended = new Stopped('the measurement is over');
      open?.();
    },
    fail(error) {
      if (error instanceof Stopped) return;
      ended = error;
      asked?.reject(error);
    },
  };
}
