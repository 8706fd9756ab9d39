/** `defaults:` the fields that entries of a section have unless they say otherwise. */
import { z } from 'zod';
import { getIn, isFields, type Fields, type Path } from './sweep/paths.js';

const section = (what: string) => z.record(z.string().min(1), z.json()).optional().describe(what);

export const defaultsSchema = z
  .strictObject({
    endpoints: section('of endpoints that are trained'),
    curves: section('of curves'),
    attacks: section('of attacks'),
    adversarial: section('of `adversarial`, wherever an endpoint or a curve has it'),
  })
  .describe('what entries of a section have unless they say otherwise');

export type Defaults = z.output<typeof defaultsSchema>;

const sections = ['endpoints', 'curves', 'attacks'] as const;
/** Endpoints that have one of these are made, not trained. */
const untrained = ['noise', 'inject', 'onCurve'];
/** Of these an entry has one. */
const budgets = ['epochs', 'steps'];

/** The document with them filled in; one whose sections are no maps is left for the schema to refuse. */
export function withDefaults(document: Fields, defaults: Defaults): Fields {
  const filled = { ...document };
  for (const name of sections) {
    const entries = document[name];
    if (!isFields(entries)) continue;
    filled[name] = mapEntries(entries, (entry) =>
      withAdversarial(
        isFields(entry) ? { ...applicable(defaults[name], entry), ...entry } : entry,
        defaults,
      ),
    );
  }
  return filled;
}

function applicable(defaults: Fields = {}, entry: Fields): Fields {
  if (untrained.some((field) => field in entry)) return {};
  const budgeted = budgets.some((field) => field in entry);
  const fields = Object.entries(defaults).filter(
    ([field]) => !(budgeted && budgets.includes(field)),
  );
  return Object.fromEntries(fields);
}

function withAdversarial(entry: unknown, { adversarial }: Defaults): unknown {
  if (!isFields(entry) || !isFields(entry['adversarial'])) return entry;
  return { ...entry, adversarial: { ...adversarial, ...entry['adversarial'] } };
}

function mapEntries(entries: Fields, f: (entry: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, f(entry)]));
}

/** Where a field of an entry is written, if it came from the defaults. */
export function defaultPath(document: unknown, path: Path): Path {
  const [name, entry, field, inner] = path.map(String);
  const own = getIn(document, [name ?? '', entry ?? '']);
  if (!isFields(own) || field === undefined) return path;
  const nested = field === 'adversarial' && inner !== undefined;
  const [section, within] = nested ? ['adversarial', [field, inner]] : [name!, [field]];
  const given = getIn(document, ['defaults', section, within.at(-1)!]) !== undefined;
  const said = getIn(own, within) !== undefined;
  return given && !said ? ['defaults', section, ...path.slice(nested ? 3 : 2)] : path;
}
