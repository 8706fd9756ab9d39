/** Draws from a seed which finished runs to recompute, and when and how to interrupt each. */
import { createHash } from 'node:crypto';
import type { Moment } from '../../experiment/records/resume-check.js';
import type { RunRow } from '../../stores/results/results-store.js';

export interface Drawn {
  readonly row: RunRow;
  /** Of the engine that computed it. */
  readonly threads: number;
  readonly moment: Moment;
}

/** The same seed draws the same, whatever the order of the rows. */
export function drawMoments(rows: readonly RunRow[], count: number, seed: number): Drawn[] {
  const drawn = rows.flatMap((row) => {
    const { run, state, environment } = row;
    if (state !== 'done' || run.queue !== 'gpu' || environment === null) return [];
    const hash = createHash('sha256').update(`${seed}/${row.run.key}`).digest();
    const signal = hash.readUInt8(8) % 2 === 0 ? 'SIGTERM' : 'SIGKILL';
    const share = 0.1 + (0.8 * hash.readUInt32BE(4)) / 2 ** 32;
    const moment = { share, signal } as const;
    return [{ row, threads: environment.threads, order: hash.readUInt32BE(0), moment }];
  });
  return drawn.sort((a, b) => a.order - b.order).slice(0, count);
}
