// `npm run chaos -- --minutes M [--seed S] [--only TEXT]`: schedules from seed S on, until the time is over; writes a table.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { generatedDir } from '../../settings/paths.js';
import { stackEnv } from '../stack.js';
import { carryOut, cleanEnding, scheduleOf, type Outcome } from './schedule.js';
import { summaryOf } from './summary.js';
import { createWorld, type World } from './world.js';

const minutes = Number(process.env['CHAOS_MINUTES'] ?? 5);
const first = Number(process.env['CHAOS_SEED'] ?? 1);
/** Only schedules whose fault or phase has this in its name. */
const only = process.env['CHAOS_ONLY'] ?? '';
const folder = join(generatedDir, 'chaos');
const report = join(folder, `seeds-from-${first}.md`);

let world: World | undefined;
afterAll(() => world?.close(), 60_000);

function tell({ schedule, struck, recoveryMs, ms, violations }: Outcome): void {
  const { seed, phase, fault } = schedule;
  const recovery =
    recoveryMs === null ? '' : `, first change ${(recoveryMs / 1000).toFixed(1)} s later`;
  const verdict = violations.length > 0 ? `VIOLATED ${violations.join('; ')}` : 'ok';
  const hit = struck ? '' : ' (did not strike)';
  console.log(
    `seed ${seed}: ${fault.name}, ${phase}${hit}: ${(ms / 1000).toFixed(1)} s${recovery}: ${verdict}`,
  );
}

test(
  `schedules from seed ${first} on, for ${minutes} minutes`,
  async () => {
    mkdirSync(folder, { recursive: true });
    const until = performance.now() + minutes * 60_000;
    world = await createWorld(stackEnv());
    const { ending, ms: cleanMs } = await cleanEnding(world);
    const outcomes: Outcome[] = [];
    for (let seed = first; performance.now() < until; seed++) {
      const schedule = scheduleOf(seed);
      if (!`${schedule.fault.name}, ${schedule.phase}`.includes(only)) continue;
      const outcome = await carryOut(world, schedule, ending);
      outcomes.push(outcome);
      tell(outcome);
      writeFileSync(report, summaryOf(outcomes, { first, cleanMs }));
    }
    console.log(`\n${summaryOf(outcomes, { first, cleanMs })}\nwritten to ${report}`);
    const failed = outcomes.filter(({ violations }) => violations.length > 0);
    expect(failed.map(({ schedule }) => schedule.seed)).toEqual([]);
  },
  (minutes + 10) * 60_000,
);
