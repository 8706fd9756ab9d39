/** `extends`: a file says only in what it differs from others, or from presets. */
import { isMap, isNode, isScalar, visit, type Document, type LineCounter } from 'yaml';
import type { YAMLMap } from 'yaml';
import { UserError } from '../errors.js';
import { createBudget, type Spend } from '../reading/budget.js';
import { shortened } from '../reading/shorten.js';
import { Unreadable } from '../reading/unreadable.js';
import { readYaml } from '../reading/yaml.js';

export interface SourceText {
  readonly text: string;
  /** Its name in messages; two of one name are one file. */
  readonly source: string;
}

/** The text of the file or preset `name`, as the file `from` names it; throws a UserError if there is none. */
export type ReadBase = (name: string, from: string) => SourceText;

/** A document whose keys know where they were written: in this file, or in one that it extends. */
export interface Written {
  readonly document: Document;
  /** `file:line:column` of a key. */
  readonly placeOf: (key: unknown) => string | null;
  /** The file, or preset, that a key is written in. */
  readonly sourceOf: (key: unknown) => string | null;
}

interface Place {
  readonly source: string;
  readonly lines: LineCounter;
}

const field = 'extends';

/** A document that is a map. */
type Fields = Document & { contents: YAMLMap };

interface Reader {
  readonly readBase: ReadBase;
  readonly places: WeakMap<object, Place>;
  readonly spend: Spend;
}

/** Throws a `bad-input` UserError for text that is no YAML, and for files that extend each other in a ring. */
export function readWritten({ text, source }: SourceText, readBase: ReadBase): Written {
  const places = new WeakMap<object, Place>();
  const reader = { readBase, places, spend: createBudget() };
  const document = composed({ text, source }, reader, [source]);
  const placeOf = (key: unknown): Place | undefined =>
    typeof key === 'object' && key !== null ? places.get(key) : undefined;
  const describeKey = (key: unknown): string | null => {
    const place = placeOf(key);
    const offset = (key as { range?: readonly number[] } | null)?.range?.[0];
    if (place === undefined || offset === undefined) return null;
    const { line, col } = place.lines.linePos(offset);
    return `${place.source}:${line}:${col}`;
  };
  const sourceOf = (key: unknown): string | null => placeOf(key)?.source ?? null;
  return { document, placeOf: describeKey, sourceOf };
}

function composed({ text, source }: SourceText, reader: Reader, chain: readonly string[]): Fields {
  const document = parse(text, source, reader);
  if (!document.has(field)) return document;
  const names = parentNames(document, source);
  document.delete(field);
  for (const name of names) {
    const base = reader.readBase(name, source);
    if (chain.includes(base.source)) {
      const ring = [...chain, base.source].map((one) => shortened(one)).join(' extends ');
      throw new UserError('bad-input', `${source}: extends: the files go round in a ring: ${ring}`);
    }
    const tooMany = reader.spend('files');
    if (tooMany !== null) throw new UserError('bad-input', `${source}: extends: ${tooMany}`);
    addMissing(document.contents, composed(base, reader, [...chain, base.source]).contents);
  }
  return document;
}

/** The first of several that has a field decides it. */
function parentNames(document: Fields, source: string): readonly string[] {
  const node = document.get(field, true);
  const value: unknown = isNode(node) ? node.toJS(document) : node;
  const names: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (names.every((name) => typeof name === 'string')) return names;
  throw new UserError('bad-input', `${source}: extends: name presets or files`);
}

function parse(text: string, source: string, { places, spend }: Reader): Fields {
  try {
    const { document, lines } = readYaml(text, spend);
    if (!isFieldsDocument(document)) {
      throw new UserError('bad-input', `${source}: the file: ${whatItIs(document.contents)}`);
    }
    const place = { source, lines };
    visit(document, {
      Pair: (_, { key }) => void places.set(key as object, place),
      Seq: (_, { items }) => {
        for (const item of items) if (isNode(item)) places.set(item, place);
      },
    });
    return document;
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    const message = `${source}:${cause.place ?? '1:1'}: ${cause.message}`;
    throw new UserError('bad-input', message, { cause });
  }
}

function isFieldsDocument(document: Document): document is Fields {
  return isMap(document.contents);
}

/** Instead of an experiment. */
function whatItIs(contents: unknown): string {
  const fields = 'fields belong there, such as name: x';
  if (isScalar(contents) && contents.value !== null) return `it holds a single value; ${fields}`;
  return isScalar(contents) || contents === null
    ? `it is empty; ${fields}`
    : `it holds a list; ${fields}`;
}

/** Maps are merged field by field; otherwise the nearer value wins, and `null` removes a field. */
function addMissing(near: YAMLMap, far: YAMLMap): void {
  const own = new Map(near.items.map((pair) => [String(pair.key), pair]));
  const taken = new Set<unknown>();
  for (const pair of far.items) {
    const there = own.get(String(pair.key));
    if (there === undefined) near.items.push(pair);
    else if (isMap(there.value) && isMap(pair.value)) addMissing(there.value, pair.value);
    else if (isScalar(there.value) && there.value.value === null) taken.add(there);
  }
  near.items = near.items.filter((pair) => !taken.has(pair));
}
