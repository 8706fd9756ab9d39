/** What can go wrong, each with what it draws from the seed, how it strikes and how it ends. */
import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from './random.js';
import { signalAll, type LiveWorker } from './processes.js';
import type { S3Fault } from './s3-proxy.js';
import type { World } from './world.js';

export interface Struck {
  /** How long it lasts. */
  readonly ms: number;
  heal(): Promise<void>;
}

export interface Fault {
  readonly name: string;
  /** Relative frequency: those that must wait for a heartbeat to time out are rarer. */
  readonly weight: number;
  strike(world: World, dice: Dice): Promise<Struck>;
}

const nothing = async (): Promise<void> => undefined;

function current({ workers }: World): LiveWorker {
  const worker = workers.findLast((one) => one.alive());
  if (worker === undefined) throw new Error('no worker is alive');
  return worker;
}

/** The worker's life, and those of its engines. */
const processFaults: readonly Fault[] = [
  {
    name: 'worker kill -9',
    weight: 2,
    async strike(world) {
      current(world).signal('SIGKILL');
      return { ms: 0, heal: async () => void (await world.addWorker()) };
    },
  },
  {
    name: 'worker SIGTERM',
    weight: 3,
    async strike(world) {
      current(world).signal('SIGTERM');
      return { ms: 0, heal: async () => void (await world.addWorker()) };
    },
  },
  {
    name: 'worker SIGSTOP, SIGCONT',
    weight: 2,
    async strike(world, dice) {
      const worker = current(world);
      worker.signal('SIGSTOP');
      const ms = dice.between(500, 3000);
      return { ms, heal: async () => worker.signal('SIGCONT') };
    },
  },
  {
    name: 'zombie worker (SIGSTOP beyond its heartbeats)',
    weight: 1,
    async strike(world, dice) {
      const worker = current(world);
      worker.signal('SIGSTOP');
      await world.addWorker();
      return { ms: dice.between(11_000, 14_000), heal: async () => worker.signal('SIGCONT') };
    },
  },
  {
    name: 'engine kill -9',
    weight: 4,
    async strike(world) {
      signalAll(current(world).engines(), 'SIGKILL');
      return { ms: 0, heal: nothing };
    },
  },
  {
    name: 'engine SIGTERM',
    weight: 3,
    async strike(world) {
      signalAll(current(world).engines(), 'SIGTERM');
      return { ms: 0, heal: nothing };
    },
  },
  {
    name: 'engine SIGSTOP, SIGCONT',
    weight: 2,
    async strike(world, dice) {
      const engines = current(world).engines();
      signalAll(engines, 'SIGSTOP');
      return { ms: dice.between(500, 3000), heal: async () => signalAll(engines, 'SIGCONT') };
    },
  },
];

function s3Fault(
  name: string,
  share: number,
  faultOf: (dice: Dice) => S3Fault,
  most = 3000,
): Fault {
  return {
    name,
    weight: 2,
    async strike({ s3 }, dice) {
      const before = s3.hits();
      s3.fault(() => (dice.chance(share) ? faultOf(dice) : null));
      const heal = async (): Promise<void> => {
        for (let i = 0; i < 100 && s3.hits() === before; i++) await sleep(30);
        s3.fault(null);
      };
      return { ms: dice.between(300, most), heal };
    },
  };
}

const s3Faults: readonly Fault[] = [
  s3Fault('S3 503 SlowDown, 30 %', 0.3, () => ({ type: 'answer', status: 503 })),
  s3Fault('S3 500, 50 %', 0.5, () => ({ type: 'answer', status: 500 })),
  s3Fault('S3 503, all', 1, () => ({ type: 'answer', status: 503 }), 6000),
  s3Fault('S3 slow', 1, (dice) => ({ type: 'delay', ms: dice.between(50, 800) })),
  s3Fault('S3 resets, 50 %', 0.5, () => ({ type: 'reset' })),
  s3Fault('S3 answers lost, 50 %', 0.5, () => ({ type: 'lost-answer' })),
  s3Fault('S3 bodies cut off, 50 %', 0.5, () => ({ type: 'truncate' })),
  s3Fault('S3 one bit wrong, 30 %', 0.3, () => ({ type: 'flip' })),
  s3Fault('S3 silent', 1, () => ({ type: 'silence' })),
];

const databaseFaults: readonly Fault[] = [
  {
    name: 'Postgres connections cut',
    weight: 3,
    async strike({ database }) {
      database.cutAll();
      return { ms: 0, heal: nothing };
    },
  },
  {
    name: 'Postgres down',
    weight: 4,
    async strike({ database }, dice) {
      database.mode({ type: 'down' });
      return { ms: dice.between(500, 5000), heal: async () => database.mode({ type: 'open' }) };
    },
  },
  {
    name: 'Postgres slow',
    weight: 2,
    async strike({ database }, dice) {
      database.mode({ type: 'delay', ms: dice.between(20, 200) });
      return { ms: dice.between(500, 3000), heal: async () => database.mode({ type: 'open' }) };
    },
  },
  {
    name: 'Postgres silent',
    weight: 2,
    async strike({ database }, dice) {
      database.mode({ type: 'silent' });
      return { ms: dice.between(500, 5000), heal: async () => database.mode({ type: 'open' }) };
    },
  },
];

/** Files of the worker and its engines may not grow: to a write the same as a full disk, with EFBIG for ENOSPC. */
const diskFaults: readonly Fault[] = [
  {
    name: 'disk full',
    weight: 2,
    async strike(world, dice) {
      const worker = current(world);
      const all = [worker.pid, ...worker.engines()];
      const limit = (bytes: string): void => {
        for (const pid of all) {
          try {
            execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}:unlimited`]);
          } catch {
            continue; // it has ended meanwhile
          }
        }
      };
      limit('0');
      return { ms: dice.between(500, 4000), heal: async () => limit('unlimited') };
    },
  },
];

export const faults: readonly Fault[] = [
  ...processFaults,
  ...s3Faults,
  ...databaseFaults,
  ...diskFaults,
];
