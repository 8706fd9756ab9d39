/** Selects the runs of an experiment that match a glob. */
import { UserError } from '../../experiment/errors.js';
import type { ResultsStore, RunRow } from '../../stores/results/results-store.js';
import type { CommonOptions } from '../terminal/context.js';

export interface MatchOptions extends CommonOptions {
  readonly match?: string;
}

/** All of them without a glob. A glob that names none is a slip. */
export async function matchRuns(
  store: Pick<ResultsStore, 'runsOf'>,
  id: string,
  glob: string | undefined,
): Promise<readonly RunRow[]> {
  const rows = await store.runsOf(id);
  if (glob === undefined) return rows;
  const fits = matcher(glob);
  const found = rows.filter(({ run }) => fits(run.name));
  if (found.length > 0) return found;
  throw new UserError('bad-input', `no run of ${id} is named like "${glob}"`, {
    hint: `./isthmus status ${id}`,
  });
}

/** `*` stands for any text, also with slashes: `attack/*` and `*@seed=1*` are what people ask for. */
export function matcher(glob: string): (name: string) => boolean {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
  return (name) => pattern.test(name);
}
