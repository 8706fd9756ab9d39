/** One run, begun, interrupted at its moment, and gone on with. */
import { machineText } from '../../experiment/records/machine.js';
import { productPrecision } from '../../experiment/plan/product-precision.js';
import type {
  Checkpointing,
  CheckpointRef,
  MetricRow,
  Resumption,
} from '../../experiment/records/records.js';
import type { ResumeCheck, ResumeCheckResult } from '../../experiment/records/resume-check.js';
import type { EngineSlot } from '../engine-slot.js';

/** Often enough for a kill to leave something to go on from, in a run of a few seconds too. */
const policy = { everySeconds: 0.5 };

export async function checkRun(
  slot: EngineSlot,
  { job, threads, moment }: ResumeCheck,
): Promise<ResumeCheckResult> {
  const metrics: MetricRow[] = [];
  const checkpoints: CheckpointRef[] = [];
  let interruptedAt: number | null = null;
  let total = 0;
  let resumption: Resumption | null = null;
  const listener = {
    metrics: (rows: readonly MetricRow[]) => void metrics.push(...rows),
    checkpoint: (ref: CheckpointRef) => void checkpoints.unshift(ref),
    resumed: (told: Resumption) => void (resumption = told),
  };
  const mode = { threads, precision: productPrecision(job.run.spec) };
  const attempt = (checkpointing: Checkpointing, progress: Progress, signal: AbortSignal) =>
    slot.execute({ ...job, checkpointing }, mode, { ...listener, progress }, signal);

  const stop = new AbortController();
  const interrupt: Progress = (step, of) => {
    total = of;
    if (interruptedAt !== null || step < moment.share * of || step >= of) return;
    interruptedAt = step;
    const pid = slot.pid();
    if (moment.signal === 'SIGTERM') stop.abort();
    else if (pid !== undefined) process.kill(pid, 'SIGKILL');
  };
  const first = await attempt({ policy, saved: [] }, interrupt, stop.signal);
  const saved = checkpoints.slice(0, 2);
  const last =
    first.type === 'done' || interruptedAt === null
      ? first
      : await attempt({ policy, saved }, () => undefined, new AbortController().signal);
  return {
    ...{ run: job.run.key, total, interruptedAt, metrics },
    resumedAt: (resumption as Resumption | null)?.step ?? 0,
    outputs: last.type === 'done' ? last.outputs : null,
    machine: last.type === 'done' ? machineText(last.environment) : null,
    failure: last.type === 'failed' ? last.failure : null,
  };
}

type Progress = (step: number, total: number) => void;
