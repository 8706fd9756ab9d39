/** When a fault strikes: each phase is known by what the experiment does, not by the clock. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunKind } from '../../experiment/kinds/index.js';
import type { Dice } from './random.js';
import { chaosPlan } from './study.js';
import type { World } from './world.js';

export const phases = [
  'before start',
  'training',
  'checkpoint upload',
  'between upload and row',
  'between row and completion',
  'evaluation',
  'attack',
  'spectrum',
  'certified training',
  'detection',
  'certificate',
  'convergence',
  'two-layer',
] as const;
export type Phase = (typeof phases)[number];

/** The statement that commits a run. */
const commitStatement = `SET state = 'done', finished_at`;

/**
 * Arms the phase; `strike` is called once, when it is there. What caused it (a request, a statement, an answer) is held
 * until `strike` is over. Resolves when it is, or when the experiment has ended without it.
 */
export async function onPhase(
  world: World,
  phase: Phase,
  dice: Dice,
  ended: () => boolean,
  strike: () => Promise<void>,
): Promise<void> {
  switch (phase) {
    case 'before start':
      return strike();
    case 'training':
      return whenRunning(world, ofKind('endpoint'), dice, ended, strike);
    case 'certified training':
      return whenRunning(world, `spec ? 'certified'`, dice, ended, strike);
    case 'evaluation':
    case 'attack':
    case 'spectrum':
    case 'detection':
    case 'certificate':
    case 'convergence':
    case 'two-layer':
      return whenRunning(world, ofKind(phase), dice, ended, strike);
    case 'checkpoint upload':
      return atUpload(world, dice, ended, strike);
    case 'between upload and row':
      return atCommit(world, 'before', dice, ended, strike);
    case 'between row and completion':
      return atCommit(world, 'after', dice, ended, strike);
    default:
      return phase satisfies never;
  }
}

function ofKind(kind: RunKind): string {
  return `kind = '${kind}'`;
}

/** `which` is a condition on the rows of runs. */
async function whenRunning(
  world: World,
  which: string,
  dice: Dice,
  ended: () => boolean,
  strike: () => Promise<void>,
): Promise<void> {
  const atWork = `SELECT 1 FROM run WHERE ${which} AND state = 'running'`;
  while ((await world.query(atWork)).length === 0) {
    if (ended()) return;
    await sleep(15);
  }
  await sleep(dice.between(0, 600));
  await strike();
}

async function atUpload(
  { s3 }: World,
  dice: Dice,
  ended: () => boolean,
  strike: () => Promise<void>,
): Promise<void> {
  let left = dice.between(1, 8);
  let struck = false;
  s3.watch((line) => {
    if (!/^PUT .*\/blobs\//.test(line) || --left !== 0) return undefined;
    return strike().finally(() => (struck = true));
  });
  while (!struck && !ended()) await sleep(15);
  s3.watch(null);
}

async function atCommit(
  { database }: World,
  side: 'before' | 'after',
  dice: Dice,
  ended: () => boolean,
  strike: () => Promise<void>,
): Promise<void> {
  let left = dice.between(1, chaosPlan().runs.length);
  let struck = false;
  const arm = (): void =>
    database.trap(commitStatement, side, async () => {
      if (--left > 0) return arm();
      await strike().finally(() => (struck = true));
    });
  arm();
  while (!struck && !ended()) await sleep(15);
  database.disarm();
}
