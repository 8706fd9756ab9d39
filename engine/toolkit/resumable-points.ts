/**
 * Measurements along a path that can go on where they were stopped: what the points so far gave, and how far
 * the next one is. Nothing else is carried from one point to the next.
 */
import { z } from 'zod';
import type { EngineContext } from './context.js';
import { fromExactJson, toExactJson } from './exact-json.js';

/** `Result` and `Within` are plain data: numbers, strings, null, Float32Arrays, arrays and objects of them. */
interface Points<Result, Within> {
  /** In the order of t. */
  readonly done: readonly Result[];
  /** Partial state of the next point. */
  readonly within: Within | null;
}

export interface ResumablePoints<Result, Within> {
  readonly from: Points<Result, Within>;
  /** In the unit of the run's progress. */
  readonly step: number;
  reached(step: number, total: number, points: Points<Result, Within>): void;
}

const tensorName = 'points';
const envelope = z.object({ done: z.array(z.unknown()), within: z.unknown() });

/** The checkpoint was written by the same kind of run in the same semantic version: its key says so. */
export async function resumablePoints<Result, Within = never>({
  checkpoints,
}: EngineContext): Promise<ResumablePoints<Result, Within>> {
  const restored = await checkpoints.restore();
  return {
    from: restored
      ? (decode(restored.tensors.get(tensorName)?.data) as Points<Result, Within>)
      : { done: [], within: null },
    step: restored?.step ?? 0,
    reached(step, total, points) {
      checkpoints.reached(step, total, () => {
        const data = new TextEncoder().encode(toExactJson(points));
        return new Map([[tensorName, { dtype: 'U8', shape: [data.length], data }]]);
      });
    },
  };
}

function decode(data: unknown): z.infer<typeof envelope> {
  if (!(data instanceof Uint8Array)) throw new Error(`the checkpoint holds no ${tensorName}`);
  return envelope.parse(fromExactJson(new TextDecoder().decode(data)));
}
