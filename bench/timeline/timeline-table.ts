/** A replay as a table: time of each kind of op, and the wall time without tracing. */
import { median, min } from 'simple-statistics';
import { z } from 'zod';
import { markdownTable } from '../markdown.js';

export const replaySchema = z.strictObject({
  version: z.string(),
  /** Of one unit without tracing, a sample each. */
  wallMs: z.array(z.number()),
  /** Of one traced unit on average, slowest first. */
  ops: z.array(z.strictObject({ op: z.string(), count: z.number(), ms: z.number() })),
});
export type Replay = Readonly<z.infer<typeof replaySchema>>;

/** Ops below this share of all are added up. */
const leastShare = 0.005;

export function timelineTable({ version, wallMs, ops }: Replay): string {
  const total = ops.reduce((sum, { ms }) => sum + ms, 0);
  const shown = ops.filter(({ ms }) => ms >= leastShare * total);
  const rest = ops.filter(({ ms }) => ms < leastShare * total);
  const sum = (of: (op: Replay['ops'][number]) => number) => rest.reduce((s, op) => s + of(op), 0);
  const others = {
    op: `${rest.length} other kinds`,
    count: sum((op) => op.count),
    ms: sum((op) => op.ms),
  };
  const body = [...shown, ...(rest.length > 0 ? [others] : [])].map(({ op, count, ms }) => [
    op,
    String(Math.round(count)),
    ms.toPrecision(3),
    `${((100 * ms) / total).toFixed(1)} %`,
  ]);
  const wall = `wall time untraced ${median(wallMs).toPrecision(3)} ms (min ${min(wallMs).toPrecision(3)}, n ${wallMs.length})`;
  const traced = `ops traced ${total.toPrecision(3)} ms, several at a time`;
  return `TensorFlow ${version} for Python: ${wall}; ${traced}\n\n${markdownTable(['op', 'count', 'ms', 'share'], body)}`;
}
