/** Writes the metrics of one attempt, in order, while the engine computes; rows that do not fit in memory wait on disk. */
import type { MetricRow } from '../experiment/records/records.js';
import type { Spool } from './spool.js';

export interface MetricWriter {
  /** A promise when memory and disk are full: until it resolves no more should come. Nothing is ever dropped. */
  add(rows: readonly MetricRow[]): Promise<void> | undefined;
  /** Resolves when everything added is written; rejects with what made writing impossible. */
  flush(): Promise<void>;
  /** Releases the disk space. */
  close(): void;
}

export interface MetricWriterOptions {
  /** Must be idempotent. */
  readonly write: (rows: readonly MetricRow[]) => Promise<void>;
  /** Called once; nothing is written afterwards. */
  readonly onBroken: (error: unknown) => void;
  /** Called when memory is full; null when the disk is full too. */
  openSpool(): Spool | null;
  readonly rowsInMemory?: number;
}

const rowsPerWrite = 5000;
const defaultRowsInMemory = 10_000;

/** Oldest first: what is being written, the lines on disk, and behind them the newest rows, in memory. */
export function createMetricWriter(options: MetricWriterOptions): MetricWriter {
  const { write, onBroken, rowsInMemory = defaultRowsInMemory } = options;
  let spool: Spool | null = null;
  let tail: MetricRow[] = [];
  let writing: Promise<void> | null = null;
  let broken: { readonly error: unknown } | null = null;
  let room: Room | null = null;

  function spill(): boolean {
    spool ??= options.openSpool();
    if (!spool?.append(tail)) return false;
    tail = [];
    return true;
  }
  function admit(): void {
    room?.resolve();
    room = null;
  }
  async function drain(): Promise<void> {
    for (;;) {
      const onDisk = spool !== null && spool.size() > 0;
      const rows = onDisk ? spool!.first() : tail.splice(0, rowsPerWrite);
      if (rows.length === 0) return;
      await write(rows);
      if (onDisk) spool!.removeFirst();
      admit();
    }
  }
  function fail(error: unknown): void {
    broken ??= { error };
    admit();
    onBroken(error);
  }
  return {
    add(rows) {
      if (broken) return undefined;
      for (const row of rows) tail.push(row);
      if (tail.length > 0 && !writing) {
        writing = drain()
          .catch(fail)
          .finally(() => (writing = null));
      }
      try {
        if (tail.length <= rowsInMemory || spill()) return undefined;
      } catch (error) {
        fail(error);
        return undefined;
      }
      return (room ??= createRoom()).promise;
    },
    async flush() {
      while (writing) await writing;
      if (broken) throw broken.error;
    },
    close: () => spool?.close(),
  };
}

interface Room {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function createRoom(): Room {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}
