/** The results database for a read-only command, closed at its end. */
import type { Settings } from '../../settings/settings.js';
import type { ResultsReader } from '../../stores/results/results-store.js';

export async function withReader<T>(
  { databaseUrl }: Pick<Settings, 'databaseUrl'>,
  work: (store: ResultsReader) => Promise<T>,
): Promise<T> {
  const { createResultsReader } = await import('../../stores/results/results-reader.js');
  const store = createResultsReader(databaseUrl);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
