/** Finds an experiment by its file, id, name (the newest), or unique id prefix. */
import { existsSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import { UserError } from '../../experiment/errors.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { ExperimentRow, ResultsStore } from '../../stores/results/results-store.js';

export async function findExperiment(
  store: Pick<ResultsStore, 'listExperiments'>,
  text: string,
): Promise<ExperimentRow> {
  const all = newestFirst(await store.listExperiments());
  const exact = all.find(({ id }) => id === text) ?? all.find(({ name }) => name === text);
  if (exact) return exact;
  if (isFile(text)) return findByFile(all, text);
  const fitting = all.filter(({ id }) => id.startsWith(text));
  if (fitting.length === 1) return fitting[0]!;
  throw fitting.length > 1 ? ambiguous(text, fitting) : unknown(text, all);
}

function isFile(text: string): boolean {
  return /\.ya?ml$/.test(text);
}

/** The whole id where a file is named, and what was typed otherwise; needs no database. */
export async function idIn(text: string): Promise<string> {
  return isFile(text) ? (await readPlan(text)).id : text;
}

async function readPlan(file: string): Promise<Plan> {
  if (!existsSync(file)) throw new UserError('bad-input', `${file}: no such file`);
  const { planFile } = await import('./experiment-file.js');
  return planFile(file, []);
}

async function findByFile(all: readonly ExperimentRow[], file: string): Promise<ExperimentRow> {
  const { id, name } = await readPlan(file);
  const found = all.find((row) => row.id === id);
  if (found) return found;
  const other = all.find((row) => row.name === name);
  const told = other ? `; with other contents, or with --set, ${other.id} was` : '';
  throw new UserError('bad-input', `${file} as it is (${id}) was never started${told}`, {
    hint: `./isthmus run ${file}`,
  });
}

export function newestFirst(rows: readonly ExperimentRow[]): readonly ExperimentRow[] {
  return [...rows].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
}

function ambiguous(text: string, fitting: readonly ExperimentRow[]): UserError {
  const ids = fitting.map(({ id }) => id).join(', ');
  return new UserError('bad-input', `"${text}" fits ${fitting.length} experiments: ${ids}`);
}

function unknown(text: string, all: readonly ExperimentRow[]): UserError {
  const names = all.flatMap(({ id, name }) => [id, name]);
  const [near] = names.sort((a, b) => distance(a, text) - distance(b, text));
  const close = near !== undefined && distance(near, text) <= Math.max(2, text.length / 3);
  const told = close ? ` (did you mean "${near}"?)` : '';
  return new UserError('bad-input', `no experiment "${text}"${told}`, { hint: './isthmus ls' });
}
