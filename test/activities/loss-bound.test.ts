// The largest loss of a training that left its bounds is the same however often the training was interrupted.
import { expect, test } from 'vitest';
import type { EngineContext, NamedTensors, Restored } from '../../engine/toolkit/context.js';
import { resumableSteps } from '../../engine/toolkit/resumable-steps.js';
import { outOfBounds } from '../../experiment/records/loss-bound.js';
import type { MetricRow } from '../../experiment/records/records.js';

/** Steps with these losses, from where `restored` left off; answers with what was reported and what is saved. */
async function train(losses: readonly number[], restored: Restored | null) {
  const rows: MetricRow[] = [];
  let saved: NamedTensors = new Map();
  const context = {
    metrics: (more: readonly MetricRow[]) => void rows.push(...more),
    progress: () => undefined,
    pause: () => Promise.resolve(),
    checkpoints: {
      restore: () => Promise.resolve(restored),
      reached: (_step: number, _total: number, read: () => NamedTensors) => void (saved = read()),
    },
  } as unknown as EngineContext;
  const reporting = { series: 'batch_loss', phase: 'training', bound: 1000 } as const;
  const steps = await resumableSteps(context, [], reporting);
  const from = restored?.step ?? 0;
  for (const [i, loss] of losses.entries()) await steps.onStep(from + i + 1, 5000, loss);
  await steps.onCall(from + losses.length, 5000, () => []);
  const excess = rows.filter(({ series }) => series === outOfBounds);
  return { excess, restored: { step: from + losses.length, tensors: saved } };
}

const row = (value: number) => ({ series: outOfBounds, x: 0, value });

test('a loss within its bounds is reported by nothing, and one that is infinite is no excess', async () => {
  const { excess } = await train([1, 999, 1000, Infinity], null);
  expect(excess).toEqual([]);
});

test('the last report is the largest, before an interruption and after', async () => {
  const first = await train([1, 5e6, 7e5, 8.6e14, 2], null);
  expect(first.excess).toEqual([row(5e6), row(8.6e14)]);
  const second = await train([3e4, 1], first.restored);
  expect(second.excess).toEqual([row(8.6e14)]);
  const third = await train([9e14], second.restored);
  expect(third.excess).toEqual([row(8.6e14), row(9e14)]);
});

test('a checkpoint from before the largest loss was kept goes on without one', async () => {
  const { restored } = await train([1, 2], null);
  const tensors = new Map([...restored.tensors].filter(([name]) => name !== 'loss.largest'));
  expect((await train([5, 2e3], { ...restored, tensors })).excess).toEqual([row(2e3)]);
});
