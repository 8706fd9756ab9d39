/** A results store on a database of its own, and the ways of a test to the runs in it. */
import pg from 'pg';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { loadSettings } from '../../../settings/settings.js';
import { createScratchDatabase } from '../../../prisma/scratch-database.js';
import { deployMigrations } from '../../../stores/database/migrations.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import type { Claimant, ResultsStore, RunRow } from '../../../stores/results/results-store.js';
import { stackEnv } from '../../stack.js';
import { keyOf, plan } from './plans.js';

export interface ScratchStore {
  readonly url: string;
  readonly store: ResultsStore;
  /** Past the store, at the tables and views themselves. */
  readonly sql: pg.Client;
  readonly rowOf: (key: string) => Promise<RunRow>;
  /** A registered run of its own, from its seed. */
  readonly freshRun: (seed: number) => Promise<string>;
  /** Claims as the same holder each time, as the attempts of one activity are. */
  readonly claim: (key: string, by?: Partial<Claimant>) => Promise<number>;
  readonly close: () => Promise<void>;
}

export const claimant: Claimant = {
  worker: 'host/1',
  holder: 'activity/1',
  experiment: null,
  leaseMs: 60_000,
  versions: semanticVersions,
  precisions: ['float32'],
};

/** The result of a run that leaves nothing. */
export const nothing = { outputs: {}, inputs: [], environment: null };

/** A new database with its tables; closing drops it. */
export async function createScratchStore(): Promise<ScratchStore> {
  const scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  await deployMigrations(scratch.url);
  const store = createResultsStore(scratch.url);
  const sql = new pg.Client({ connectionString: scratch.url });
  await sql.connect();
  return {
    ...{ url: scratch.url, store, sql },
    rowOf: async (key) => (await store.findRuns([key]))[0]!,
    async freshRun(seed) {
      const fresh = plan(`fresh-${seed}`, seed);
      await store.registerExperiment(fresh);
      return keyOf(fresh, 'endpoint/A');
    },
    async claim(key, by) {
      const claimed = await store.beginAttempt(key, { ...claimant, ...by });
      if (claimed.state !== 'claimed') throw new Error(`the run is ${claimed.state}`);
      return claimed.epoch;
    },
    async close() {
      await store.close();
      await sql.end();
      await scratch.drop();
    },
  };
}
