/** One experiment from nothing to its end with one fault, or two, at places that the seed decides. */
import { setTimeout as sleep } from 'node:timers/promises';
import { experimentWorkflowId, workflowType } from '../../experiment/records/temporal-names.js';
import { startOptions } from '../../experiment/plan/start-options.js';
import { faults, type Fault, type Struck } from './faults.js';
import { endingOf, violations, type Ending } from './invariants.js';
import { onPhase, phases, type Phase } from './phases.js';
import { diceOf } from './random.js';
import { chaosPlan } from './study.js';
import type { World } from './world.js';

export interface Schedule {
  readonly seed: number;
  readonly phase: Phase;
  readonly fault: Fault;
}

export interface Outcome {
  readonly schedule: Schedule;
  /** The phase came, and the fault struck. */
  readonly struck: boolean;
  /** From the end of the fault to the next change in the database; null where none was needed. */
  readonly recoveryMs: number | null;
  readonly ms: number;
  readonly violations: readonly string[];
}

/** Phases take turns; everything else is up to the seed. */
export function scheduleOf(seed: number): Schedule {
  const dice = diceOf(seed);
  const lots = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  return { seed, phase: phases[seed % phases.length]!, fault: dice.one(lots) };
}

const longestMs = 180_000;

export async function cleanEnding(world: World): Promise<{ ending: Ending; ms: number }> {
  const plan = chaosPlan();
  await world.reset();
  await world.settleWorkers();
  const began = performance.now();
  await world.results.registerExperiment(plan);
  await (await world.client.workflow.start(workflowType, startOptions(plan))).result();
  return { ending: await endingOf(world, plan), ms: performance.now() - began };
}

export async function carryOut(world: World, schedule: Schedule, clean: Ending): Promise<Outcome> {
  const { seed, phase, fault } = schedule;
  const dice = diceOf(seed + 1_000_003);
  const plan = chaosPlan();
  await world.settleWorkers();
  await world.reset();
  const began = performance.now();
  let over = false;
  let struck: Struck | null = null;
  let recoveryMs: number | null = null;
  const strike = async (): Promise<void> => {
    struck = await fault.strike(world, dice);
  };
  const start = async (): Promise<void> => {
    await world.results.registerExperiment(plan);
    await world.client.workflow.start(workflowType, startOptions(plan));
  };
  const faulty = async (): Promise<void> => {
    if (phase !== 'before start') await start();
    await onPhase(world, phase, dice, () => over, strike);
    if (phase === 'before start') await start();
    if (struck === null) return;
    await sleep(struck.ms);
    await struck.heal();
    recoveryMs = await untilChange(world, () => over);
  };
  const striking = faulty();
  const problem = await inTime(world, experimentWorkflowId(plan.id), striking);
  over = true;
  const failure = await striking.then(
    () => null,
    (error: unknown) => `the harness: ${String(error)}`,
  );
  world.s3.fault(null);
  world.database.mode({ type: 'open' });
  const ms = performance.now() - began;
  await world.settleWorkers();
  const broken = [problem, failure].filter((text) => text !== null);
  const found = await violations(world, plan, clean);
  return { schedule, struck: struck !== null, recoveryMs, ms, violations: [...broken, ...found] };
}

/** Null when the experiment has ended as it should; a lost one is terminated, so that the next schedule has its place. */
async function inTime(world: World, id: string, striking: Promise<void>): Promise<string | null> {
  const late = new AbortController();
  const timeout = sleep(longestMs, 'late' as const, { signal: late.signal }).catch(
    () => 'late' as const,
  );
  const ended = (async () => {
    for (;;) {
      const status = await statusOf(world, id);
      if (status === 'COMPLETED') return null;
      if (status !== 'RUNNING' && status !== null) return `the workflow is ${status}`;
      if (late.signal.aborted) return null;
      await sleep(25);
    }
  })();
  void striking.catch(() => undefined);
  const first = await Promise.race([ended, timeout]);
  late.abort();
  if (first !== 'late') return first;
  await world.client.workflow
    .getHandle(id)
    .terminate('chaos: too late')
    .catch(() => undefined);
  return `not done after ${longestMs / 1000} s`;
}

/** Status of the execution that this schedule started: an earlier one is over and out of the database. */
async function statusOf({ query, client }: World, id: string): Promise<string | null> {
  const [row] = await query(`SELECT state FROM experiment`);
  if (row === undefined) return null;
  if (row['state'] === 'running') return 'RUNNING';
  return client.workflow
    .getHandle(id)
    .describe()
    .then(({ status }) => status.name);
}

async function untilChange({ query }: World, over: () => boolean): Promise<number> {
  const began = performance.now();
  const print = async (): Promise<string> =>
    JSON.stringify(
      await query(
        `SELECT (SELECT max(id) FROM event) AS event, (SELECT count(*) FROM metric) AS points`,
      ),
    );
  const before = await print();
  while (!over() && (await print()) === before) await sleep(25);
  return performance.now() - began;
}
