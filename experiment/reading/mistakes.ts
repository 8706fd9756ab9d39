/** Schema violations in words: the path, what is wrong there, and the nearest name. */
import { z } from 'zod';
import { nearestHint } from './nearest.js';
import { ownField } from '../own.js';
import { listed, shortened } from './shorten.js';

export type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

export interface Mistake {
  readonly path: Path;
  readonly what: string;
}

/** `named`: the path as people should read it. */
export function describeIssue(
  issue: Issue,
  schema: z.ZodType,
  named: Path = issue.path,
): readonly Mistake[] {
  const where = dotted(named);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path, issue.input);
    const outer = issue.path.length > 0 ? knownKeys(schema, [], null) : [];
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      what: outer.includes(key)
        ? onceOnly([...named, key], key)
        : unknownKey([...named, key], key, known),
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, what: `${where}: not a name: ${issue.issues[0]?.message ?? ''}` }];
  }
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const near = typeof issue.input === 'string' ? nearestHint(issue.input, choices) : '';
    return [{ path: issue.path, what: `${where}: must be one of ${choices.join(', ')}${near}` }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return [{ path: issue.path, what: `${where}: ${noSuchAlternative(issue)}` }];
  }
  if (issue.code === 'invalid_union' && typeof issue.input === 'string') {
    // A name, or something else: a text was meant as a name.
    const { input, path } = issue;
    for (const one of issue.errors.flat()) {
      if (one.code === 'invalid_value' && one.values.length > 1)
        return describeIssue({ ...one, input, path }, schema, named);
    }
  }
  const what = textExpected(issue) ?? lowerFirst(issue.message);
  return [{ path: issue.path, what: `${where || 'the file'}: ${what}` }];
}

/** YAML reads a number, a date or true from what was meant as a name; null: something else is wrong. */
function textExpected(issue: Issue): string | null {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return null;
  const { input } = issue;
  if (input === null)
    return 'nothing stands where text belongs; write some, or leave the field out';
  if (typeof input !== 'number' && typeof input !== 'boolean') return null;
  return `${input} is read as a ${typeof input}, where text belongs; put it in quotes`;
}

/** The value that tells alternatives apart names none of them. */
function noSuchAlternative(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const options: unknown = 'options' in issue ? issue.options : [];
  const known = Array.isArray(options) ? options.filter((one) => typeof one === 'string') : [];
  const { input } = issue;
  const given = typeof input === 'string' ? nearestHint(input, known) : '';
  return `must be one of ${known.join(', ')}${given}`;
}

function unknownKey(path: Path, key: string, known: readonly string[]): string {
  return `unknown key "${dotted(path)}"${nearestHint(key, known) || ` (known: ${listed(known, mostKnown)})`}`;
}

/** A field of the whole file within a part of it, such as a model of its own for one end of a curve. */
function onceOnly(path: Path, key: string): string {
  return `unknown key "${dotted(path)}": there is one ${key} for the whole experiment, at the top of the file`;
}

/** Fields of one part of a file. */
const mostKnown = 40;

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
  readonly const?: unknown;
  readonly required?: readonly string[];
}

const jsonSchemas = new WeakMap<z.ZodType, Node>();

/** Made once: it takes milliseconds, and a sweep may repeat a mistake many thousand times. */
function toJsonSchema(schema: z.ZodType): Node {
  const known = jsonSchemas.get(schema);
  if (known !== undefined) return known;
  const made = z.toJSONSchema(schema, { io: 'input' }) as Node;
  jsonSchemas.set(schema, made);
  return made;
}

/** The field names that the schema allows at a path for what was given there, read from its own JSON Schema. */
function knownKeys(schema: z.ZodType, path: Path, given: unknown): readonly string[] {
  let node: Node | undefined = toJsonSchema(schema);
  for (const step of path) {
    const next: Node | boolean | undefined =
      ownField(node?.properties ?? {}, String(step)) ?? node?.items ?? node?.additionalProperties;
    node = typeof next === 'object' ? next : undefined;
  }
  const fitting = node?.oneOf?.find((one) => fits(one, given)) ?? node;
  return Object.keys(fitting?.properties ?? {});
}

/** Whether what tells alternatives apart is this one's. */
function fits({ properties = {}, required = [] }: Node, given: unknown): boolean {
  if (typeof given !== 'object' || given === null) return false;
  const fields = new Map<string, unknown>(Object.entries(given));
  return Object.entries(properties).every(([key, property]) => {
    if (property.const === undefined) return true;
    return fields.has(key) ? fields.get(key) === property.const : !required.includes(key);
  });
}

/** Name of an entry with the label of a sweep. */
const longestName = 241;

/** `model.layers[3].conv`. */
export function dotted(path: Path): string {
  return path
    .map((step, i) => {
      if (typeof step === 'number') return `[${step}]`;
      return `${i === 0 ? '' : '.'}${shortened(String(step), longestName)}`;
    })
    .join('');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
