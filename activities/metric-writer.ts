/** Writes the metrics of one attempt in the order they came, in batches, while the engine computes on. */
import type { MetricRow } from '../experiment/records.js';

export interface MetricWriter {
  add(rows: readonly MetricRow[]): void;
  /** Resolves when everything added is written; rejects with what made writing impossible. */
  flush(): Promise<void>;
}

const rowsPerWrite = 5000;

/** `write` must bear the same rows twice; `onBroken` is told once, and nothing is written after. */
export function createMetricWriter(
  write: (rows: readonly MetricRow[]) => Promise<void>,
  onBroken: (error: unknown) => void,
): MetricWriter {
  const pending: MetricRow[] = [];
  let writing: Promise<void> | null = null;
  let broken: { readonly error: unknown } | null = null;

  async function drain(): Promise<void> {
    while (pending.length > 0) {
      const batch = pending.slice(0, rowsPerWrite);
      await write(batch);
      pending.splice(0, batch.length);
    }
  }
  function start(): void {
    writing = drain()
      .catch((error: unknown) => {
        broken = { error };
        onBroken(error);
      })
      .finally(() => (writing = null));
  }
  return {
    add(rows) {
      for (const row of rows) pending.push(row);
      if (pending.length > 0 && !writing && !broken) start();
    },
    async flush() {
      while (writing) await writing;
      if (broken) throw broken.error;
    },
  };
}
