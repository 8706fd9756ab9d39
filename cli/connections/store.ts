/** The results database for one command, closed at its end. */
import type { Settings } from '../../settings/settings.js';
import type { ResultsStore } from '../../stores/results/results-store.js';

export async function withStore<T>(
  { databaseUrl }: Pick<Settings, 'databaseUrl'>,
  work: (store: ResultsStore) => Promise<T>,
): Promise<T> {
  const { requireMigrated } = await import('../../stores/database/migration-status.js');
  await requireMigrated(databaseUrl);
  const { createResultsStore } = await import('../../stores/results/prisma-results-store.js');
  const store = createResultsStore(databaseUrl);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
