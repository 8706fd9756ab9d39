/** A run of an experiment by its name. */
import { UserError } from '../../experiment/errors.js';
import { nearestHint } from '../../experiment/reading/nearest.js';
import type { RunRow } from '../../stores/results/results-store.js';

export function findRun(rows: readonly RunRow[], name: string, id: string): RunRow {
  const row = rows.find(({ run }) => run.name === name);
  if (row) return row;
  const near = nearestHint(
    name,
    rows.map(({ run }) => run.name),
  );
  throw new UserError('bad-input', `${id} has no run "${name}"${near}`, {
    hint: `./isthmus status ${id}`,
  });
}
