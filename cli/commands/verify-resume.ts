/** `verify-resume`: computes finished runs again, interrupts each at a drawn moment, and compares what comes out. */
import { UserError } from '../../experiment/errors.js';
import type { ResumeCheckResult } from '../../experiment/records/resume-check.js';
import { loadSettings } from '../../settings/settings.js';
import type { ResultsStore, RunRow } from '../../stores/results/results-store.js';
import { printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { findExperiment } from '../experiments/find-experiment.js';
import { drawMoments, type Drawn } from '../resume/draw-moments.js';
import { compareWithStored, type Verdict } from '../resume/resume-verdict.js';
import { computeAgain } from '../resume/compute-again.js';
import { withStore } from '../connections/store.js';
import { textTable } from '../terminal/tables.js';

export interface VerifyResumeOptions extends CommonOptions {
  readonly runs: number;
  readonly seed: number;
}

export async function verifyResume(
  context: Context,
  text: string,
  options: VerifyResumeOptions,
): Promise<ExitCode> {
  const { runs: count, seed } = options;
  const settings = loadSettings(context.env);
  return withStore(settings, async (store) => {
    const { id } = await findExperiment(store, text);
    const rows = await store.runsOf(id);
    const chosen = drawMoments(rows, count, seed);
    if (chosen.length === 0) throw nothingToVerify(id);
    const { length } = chosen;
    context.say(
      `computing ${length} of the finished runs of ${id} again, each with one interruption`,
    );
    const verdicts = await compute(context, store, chosen);
    if (context.json) printJson(context, { id, seed, runs: verdicts });
    else context.print(verdictTable(verdicts));
    const different = verdicts.filter(({ same }) => !same).length;
    context.say(
      different > 0
        ? `${different} of ${length} runs came out otherwise; seed ${seed} draws the same moments again`
        : `all ${length} runs came out the same, bit for bit`,
    );
    context.next(different > 0 ? `status ${id} --json` : `results ${id}`);
    return different > 0 ? exitCodes.error : exitCodes.ok;
  });
}

async function compute(
  context: Context,
  store: ResultsStore,
  chosen: readonly Drawn[],
): Promise<Verdict[]> {
  const metrics = await store.metricsOf(chosen.map(({ row }) => row.run.key));
  const checks = await Promise.all(
    chosen.map(async ({ row, threads, moment }) => {
      const inputs = await readInputs(store, row);
      return { job: { run: row.run, epoch: row.epoch, inputs }, threads, moment };
    }),
  );
  const verdicts: Verdict[] = [];
  await computeAgain(context.env, checks, (result: ResumeCheckResult) => {
    const { row, moment } = chosen.find((drawn) => drawn.row.run.key === result.run)!;
    const verdict = compareWithStored(row, metrics.get(result.run) ?? [], moment, result);
    context.say(`${verdict.name}: ${verdict.what}`);
    verdicts.push(verdict);
  });
  return verdicts;
}

async function readInputs(store: ResultsStore, { run }: RunRow) {
  const rows = await store.findRuns(run.needs.map((need) => need.run));
  const outputs = new Map(rows.map((row) => [row.run.key, row.outputs]));
  return run.needs.map(({ role, run: key }) => ({ role, run: key, outputs: outputs.get(key)! }));
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ name, signal, interruptedAt, resumedAt, total, ...found }) => [
    name,
    interruptedAt === null ? 'too short' : signal,
    interruptedAt === null ? '' : `${interruptedAt}/${total}`,
    interruptedAt === null ? '' : `${resumedAt}/${total}`,
    String(found.artifacts),
    String(found.numbers),
    found.what,
  ]);
  const head = ['run', 'interrupted by', 'at step', 'went on at', 'artifacts', 'numbers', ''];
  return textTable(head, rows, (column) => column >= 2 && column <= 5);
}

function nothingToVerify(id: string): UserError {
  return new UserError('bad-input', `${id} has no finished run that an engine computed`, {
    hint: `./isthmus resume ${id}`,
  });
}
