/** Training as endpoints are trained, held between the blocks of a measurement. */
import { performance } from 'node:perf_hooks';
import * as tf from '@tensorflow/tfjs';
import { trainFrom } from '../../numerics/training/endpoint.js';
import { batchSize, type Setting } from './setting.js';
import type { PreparedWork } from './work.js';

/** Enough that no block ever reaches the end, and that the learning rate does not move. */
const epochs = 10_000;

export const recipe = { epochs, batchSize, learningRate: 0.01, momentum: 0.9, weightDecay: 5e-4 };

export function trainingStep({ host, model, weights, data }: Setting): PreparedWork {
  const gate = createGate();
  const start = model.parameters.map((_, i) => tf.clone(weights[i]!));
  const training = trainFrom(host, start, {
    model,
    recipe,
    adversarial: null,
    data,
    seed: 1,
    onStep: () => gate.step(),
  }).then(tf.dispose, (error: Error) => gate.fail(error));
  return {
    async measure({ warm, repeat, calls }) {
      if (warm > 0) await gate.advance(warm);
      const samples: number[] = [];
      for (let i = 0; i < repeat; i++) samples.push((await gate.advance(calls)) / calls);
      return samples;
    },
    async dispose() {
      gate.stop();
      await training;
    },
  };
}

interface Gate {
  /** Called after every step; waits there unless more steps are asked for. */
  step(): Promise<void> | void;
  /** Lets that many steps happen; the milliseconds they took. */
  advance(steps: number): Promise<number>;
  /** Ends the training. */
  stop(): void;
  fail(error: Error): void;
}

class Stopped extends Error {}

function createGate(): Gate {
  let left = 0;
  let open: (() => void) | null = null;
  let settle: { resolve(ms: number): void; reject(error: Error): void } | null = null;
  let begunMs = 0;
  let stopped = false;
  let failure: Error | null = null;
  const wait = (): Promise<void> => new Promise((resolve) => (open = resolve));
  const closed = async (): Promise<void> => {
    while (left === 0 && !stopped) await wait();
    if (stopped) throw new Stopped();
  };
  return {
    step() {
      if (left > 0) left -= 1;
      if (left > 0) return;
      settle?.resolve(performance.now() - begunMs);
      settle = null;
      return closed();
    },
    advance: (steps) =>
      new Promise((resolve, reject) => {
        if (failure !== null) return reject(failure);
        settle = { resolve, reject };
        left = steps;
        begunMs = performance.now();
        open?.();
      }),
    stop() {
      stopped = true;
      open?.();
    },
    fail(error) {
      if (error instanceof Stopped) return;
      failure = error;
      settle?.reject(error);
    },
  };
}
