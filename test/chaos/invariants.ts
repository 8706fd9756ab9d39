/** Invariants that hold after every schedule of faults; each names itself. */
import { createHash } from 'node:crypto';
import type { Plan } from '../../experiment/plan/plan.js';
import { experimentWorkflowId } from '../../experiment/records/temporal-names.js';
import { sweep } from '../../stores/blobs/garbage.js';
import { verifyExperiment } from '../../stores/blobs/verify.js';
import type { World } from './world.js';

/** By run name: the digests of what it left and of all its numbers. */
export type Ending = ReadonlyMap<string, string>;

export async function endingOf({ results }: World, plan: Plan): Promise<Ending> {
  const rows = await results.runsOf(plan.id);
  const metrics = await results.metricsOf(rows.map(({ run }) => run.key));
  return new Map(
    rows.map(({ run, state, outputs }) => {
      const points = metrics.get(run.key)!.map(({ series, x, value }) => `${series} ${x} ${value}`);
      const series = createHash('sha256').update(points.join('\n')).digest('hex');
      const kept = Object.entries(outputs).map(([name, { digest }]) => `${name} ${digest}`);
      const told = [state, ...kept.sort(), `${points.length} points ${series}`];
      return [run.name, told.join(', ')];
    }),
  );
}

const maxEvents = 4096;

/** One line for each invariant that does not hold. */
export async function violations(world: World, plan: Plan, clean: Ending): Promise<string[]> {
  return (
    await Promise.all([
      sameEnding(world, plan, clean),
      oneFinalState(world),
      storedWell(world, plan),
      shortHistories(world, plan),
      noStrays(world),
    ])
  ).flat();
}

/** No number lost or doubled, every digest that of the run without faults. */
async function sameEnding(world: World, plan: Plan, clean: Ending): Promise<string[]> {
  const found = await endingOf(world, plan);
  return [...clean].flatMap(([name, told]) =>
    found.get(name) === told ? [] : [`${name}: ${found.get(name)}; without faults ${told}`],
  );
}

/** Each run is done once, no attempt is left open, and the experiment is done. */
async function oneFinalState({ query }: World): Promise<string[]> {
  const rows = await query(`
    SELECT run || ': ' || count(*) FILTER (WHERE outcome = 'done') || ' attempts done, '
      || count(*) FILTER (WHERE outcome IS NULL) || ' open' AS told
    FROM attempt GROUP BY run
    HAVING count(*) FILTER (WHERE outcome = 'done') <> 1 OR count(*) FILTER (WHERE outcome IS NULL) > 0
    UNION ALL SELECT 'experiment ' || id || ' is ' || state FROM experiment WHERE state <> 'done'
    UNION ALL SELECT 'run ' || run || ' has ' || count(*) || ' run.done events'
    FROM event WHERE type = 'run.done' GROUP BY run HAVING count(*) > 1`);
  return rows.map(({ told }) => String(told));
}

/** A sweep without grace leaves what is named, and nothing else; what is named has the right bytes. */
async function storedWell(world: World, plan: Plan): Promise<string[]> {
  const { bucket, results, blobs } = world;
  await sweep({ bucket, results }, { graceMs: -60_000, dryRun: false });
  const after = await sweep({ bucket, results }, { graceMs: -60_000, dryRun: true });
  const left = after.deleted + after.abortedUploads;
  const bad = left > 0 ? [`${left} blobs or uploads are left that nothing names`] : [];
  for await (const { key, verdict } of verifyExperiment({ results, blobs, bucket }, plan.id)) {
    if (verdict !== 'ok') bad.push(`${key}: ${verdict}`);
  }
  return bad;
}

/** Histories of the experiment and of every batch that it ever started stay short. */
async function shortHistories({ client }: World, plan: Plan): Promise<string[]> {
  const root = experimentWorkflowId(plan.id);
  const { events } = await client.workflow.getHandle(root).fetchHistory();
  const batches = (events ?? []).flatMap(
    ({ childWorkflowExecutionStartedEventAttributes: started }) =>
      started?.workflowExecution?.workflowId ?? [],
  );
  const lengths = await Promise.all(
    [root, ...batches].map(async (id) => {
      const { historyLength } = await client.workflow.getHandle(id).describe();
      return { id, historyLength };
    }),
  );
  const none = batches.length === 0 ? [`${root} has no batch: its histories are not seen`] : [];
  const long = lengths.filter(({ historyLength }) => historyLength >= maxEvents);
  return [...none, ...long.map((one) => `${one.id} has a history of ${one.historyLength} events`)];
}

/** Orphans have two seconds to notice. */
async function noStrays(world: World): Promise<string[]> {
  for (let i = 0; i < 100 && world.strays().length > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return world.strays().map((pid) => `process ${pid} is left`);
}
