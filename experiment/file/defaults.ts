/** `defaults:` the fields that entries of a section have unless they say otherwise. */
import { z } from 'zod';
import { allAttackFields, attackFields } from '../attacks/index.js';
import { hasOwn } from '../own.js';
import { getIn, isFields, type Fields, type Path } from '../sweep/paths.js';

const section = (what: string) => z.record(z.string().min(1), z.json()).optional().describe(what);

export const defaultsSchema = z
  .strictObject({
    endpoints: section('of endpoints that are trained'),
    curves: section('of curves'),
    attacks: section('of attacks, as far as their method has such fields'),
    adversarial: section('of `adversarial`, wherever an endpoint or a curve has it'),
    quantisation: section('of `quantisation`, wherever an endpoint has it'),
  })
  .describe('what entries of a section have unless they say otherwise');

export type Defaults = z.output<typeof defaultsSchema>;

const sections = ['endpoints', 'curves', 'attacks'] as const;
type Section = (typeof sections)[number];
/** Fields of entries that have defaults of their own. */
const nested = ['adversarial', 'quantisation'] as const;
/** Endpoints that have one of these are made, not trained. */
const untrained = ['noise', 'inject', 'onCurve', 'import'];
/** An entry has one of these. */
const budgets = ['epochs', 'steps'];

/** The document with them filled in; one whose sections are no maps is left for the schema to refuse. */
export function withDefaults(document: Fields, defaults: Defaults): Fields {
  const filled = { ...document };
  for (const name of sections) {
    const entries = document[name];
    if (!isFields(entries)) continue;
    filled[name] = mapEntries(entries, (entry) =>
      withNested(
        isFields(entry) ? { ...applicable(name, defaults[name], entry), ...entry } : entry,
        defaults,
      ),
    );
  }
  return filled;
}

function applicable(section: Section, defaults: Fields = {}, entry: Fields): Fields {
  const fits = section === 'attacks' ? fitsAttack(entry) : fitsTraining(entry);
  return Object.fromEntries(Object.entries(defaults).filter(([field]) => fits(field)));
}

function fitsTraining(entry: Fields): (field: string) => boolean {
  if (untrained.some((field) => hasOwn(entry, field))) return () => false;
  const budgeted = budgets.some((field) => hasOwn(entry, field));
  return (field) => !(budgeted && budgets.includes(field));
}

/** Fields that no method has pass, for the schema to refuse. */
function fitsAttack({ method }: Fields): (field: string) => boolean {
  const own = attackFields(method);
  return (field) => own === null || own.includes(field) || !allAttackFields.includes(field);
}

function withNested(entry: unknown, defaults: Defaults): unknown {
  if (!isFields(entry)) return entry;
  const filled = nested.flatMap((field) => {
    const own = entry[field];
    return isFields(own) ? [[field, { ...defaults[field], ...own }] as const] : [];
  });
  return { ...entry, ...Object.fromEntries(filled) };
}

function mapEntries(entries: Fields, f: (entry: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, f(entry)]));
}

/** Where a field of an entry is written, if it came from the defaults. */
export function defaultPath(document: unknown, path: Path): Path {
  const [name, entry, field, inner] = path.map(String);
  const own = getIn(document, [name ?? '', entry ?? '']);
  if (!isFields(own) || field === undefined) return path;
  const isNested = nested.some((one) => one === field) && inner !== undefined;
  const [section, within] = isNested ? [field, [field, inner]] : [name!, [field]];
  const given = getIn(document, ['defaults', section, within.at(-1)!]) !== undefined;
  const said = getIn(own, within) !== undefined;
  return given && !said ? ['defaults', section, ...path.slice(isNested ? 3 : 2)] : path;
}
