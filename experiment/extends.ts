/** `extends`: a file says only in what it differs from others, or from presets. */
import { isMap, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { YAMLMap, Alias } from 'yaml';
import { UserError } from './errors.js';

export interface SourceText {
  readonly text: string;
  /** What messages call it; two of one name are one file. */
  readonly source: string;
}

/** The text of the file or preset `name`, as the file `from` names it; throws a UserError if there is none. */
export type ReadBase = (name: string, from: string) => SourceText;

/** A document whose keys know where they were written: in this file, or in one that it extends. */
export interface Written {
  readonly document: Document;
  /** `file:line:column` of a key. */
  readonly placeOf: (key: unknown) => string | null;
}

interface Place {
  readonly source: string;
  readonly lines: LineCounter;
}

const field = 'extends';

/** Throws a `bad-input` UserError for text that is no YAML, and for files that extend each other in a ring. */
export function readWritten({ text, source }: SourceText, readBase: ReadBase): Written {
  const places = new WeakMap<object, Place>();
  const document = composed({ text, source }, readBase, places, [source]);
  const placeOf = (key: unknown): string | null => {
    const place = typeof key === 'object' && key !== null ? places.get(key) : undefined;
    const offset = (key as { range?: readonly number[] } | null)?.range?.[0];
    if (place === undefined || offset === undefined) return null;
    const { line, col } = place.lines.linePos(offset);
    return `${place.source}:${line}:${col}`;
  };
  return { document, placeOf };
}

function composed(
  { text, source }: SourceText,
  readBase: ReadBase,
  places: WeakMap<object, Place>,
  chain: readonly string[],
): Document {
  const document = parse(text, source, places);
  if (!isMap(document.contents) || !document.has(field)) return document;
  const names = namesOf(document, source);
  document.delete(field);
  for (const name of names) {
    const base = readBase(name, source);
    if (chain.includes(base.source)) {
      const ring = [...chain, base.source].join(' extends ');
      throw new UserError('bad-input', `${source}: extends: the files go round in a ring: ${ring}`);
    }
    const below = composed(base, readBase, places, [...chain, base.source]);
    if (isMap(below.contents)) addMissing(document.contents, below.contents);
  }
  return document;
}

/** Of several, the first one that has a field decides it. */
function namesOf(document: Document, source: string): readonly string[] {
  const value: unknown = (document.toJS() as Readonly<Record<string, unknown>>)[field];
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.every((name) => typeof name === 'string')) return names;
  throw new UserError('bad-input', `${source}: extends: name presets or files`);
}

function parse(text: string, source: string, places: WeakMap<object, Place>): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const [first] = document.errors;
  if (first) {
    const { line, col } = lines.linePos(first.pos[0]);
    const what = first.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '');
    throw new UserError('bad-input', `${source}:${line}:${col}: ${what}`, { cause: first });
  }
  visit(document, {
    Pair: (_, { key }) => void places.set(key as object, { source, lines }),
    // Anchors do not reach from one document into another.
    Alias: (_, node: Alias) => node.resolve(document),
  });
  return document;
}

/** Of both: maps field by field; of anything else what is nearer counts, and `null` takes a field away. */
function addMissing(near: YAMLMap, far: YAMLMap): void {
  for (const pair of far.items) {
    const own = near.items.find(({ key }) => String(key) === String(pair.key));
    if (own === undefined) near.items.push(pair);
    else if (isMap(own.value) && isMap(pair.value)) addMissing(own.value, pair.value);
    else if (isScalar(own.value) && own.value.value === null) near.delete(own.key);
  }
}
