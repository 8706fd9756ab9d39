/** A composed document to a plain tree: aliases become copies, so that to change one place changes no other. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type LineCounter } from 'yaml';
import type { Alias, Node, Pair, YAMLMap } from 'yaml';
import { mostDepth, type Spend } from './budget.js';
import { shortened } from './shorten.js';
import { Unreadable } from './unreadable.js';

interface Anchored {
  readonly node: Node;
  /** Null while the walk is still inside. */
  extent: Extent | null;
}

interface Extent {
  readonly values: number;
  readonly height: number;
}

/** A node takes its place in the tree; what stands there counts. */
type Walk = (node: unknown, depth: number) => readonly [node: unknown, extent: Extent];

/** Throws `Unreadable` for aliases without an anchor, without an end or of too much, and for keys that are no names. */
export function settle(document: Document, lines: LineCounter, spend: Spend): void {
  const anchors = new Map<string, Anchored>();
  const walk: Walk = (node, depth) => {
    if (isAlias(node)) return copied(node, depth);
    if (!isNode(node)) return [node, { values: 1, height: 0 }];
    check(depth, spend('values'), node);
    const anchored: Anchored = { node, extent: null };
    const anchor = 'anchor' in node ? node.anchor : undefined;
    if (anchor !== undefined) {
      anchors.set(anchor, anchored);
      delete (node as { anchor?: string }).anchor;
    }
    checkTag(node);
    anchored.extent = settleInside(node, depth, walk, lines);
    return [node, anchored.extent];
  };
  const copied = (alias: Alias, depth: number): readonly [Node, Extent] => {
    const { source } = alias;
    const anchored = anchors.get(source);
    if (anchored === undefined) {
      throw refused(alias, `*${shortened(source)}: no &${shortened(source)} stands before it`);
    }
    const { node, extent } = anchored;
    if (extent === null) {
      throw refused(alias, `*${shortened(source)} stands inside its own anchor, without an end`);
    }
    check(depth + extent.height, spend('values', extent.values), alias);
    return [node.clone() as Node, extent];
  };
  document.contents = walk(document.contents, 0)[0] as typeof document.contents;
}

function settleInside(node: Node, depth: number, walk: Walk, lines: LineCounter): Extent {
  const extents: Extent[] = [];
  const inner = (child: unknown): unknown => {
    const [settled, extent] = walk(child, depth + 1);
    extents.push(extent);
    return settled;
  };
  if (isMap(node)) settleMap(node, inner, lines);
  else if (isSeq(node)) node.items = node.items.map(inner);
  return {
    values: extents.reduce((sum, { values }) => sum + values, 1),
    height: extents.reduce((most, { height }) => Math.max(most, height + 1), 0),
  };
}

function settleMap(map: YAMLMap, inner: (child: unknown) => unknown, lines: LineCounter): void {
  const seen = new Map<string, Node>();
  for (const pair of map.items) {
    pair.key = inner(pair.key);
    const key = nameKey(pair, map);
    const name = String(key.value);
    const before = seen.get(name);
    if (before !== undefined) {
      const { line } = lines.linePos(startOffset(before));
      throw refused(key, `Map keys must be unique: "${shortened(name)}" is in line ${line} too`);
    }
    seen.set(name, key);
    pair.value = inner(pair.value);
  }
}

/** A name as it is written, also where YAML reads a number from it. */
function nameKey({ key }: Pair, map: YAMLMap) {
  if (!isScalar(key)) {
    throw refused(isNode(key) ? key : map, 'a list, a map or nothing stands where a name belongs');
  }
  if (key.value === '<<' && key.type === 'PLAIN') {
    const instead = 'what entries share goes under defaults, or into a file that this one extends';
    throw refused(key, `<< (a merge key) is not read; ${instead}`);
  }
  if (typeof key.value !== 'string') key.value = key.source ?? '';
  return key;
}

const plainTags = ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'];

function checkTag(node: Node): void {
  const tag = node.tag?.replace('tag:yaml.org,2002:', '');
  if (tag === undefined || plainTags.includes(tag)) return;
  throw refused(node, `the tag !!${shortened(tag)} is not read; leave it out`);
}

function check(depth: number, tooMuch: string | null, node: Node): void {
  if (tooMuch !== null) throw refused(node, tooMuch);
  if (depth > mostDepth) throw tooDeep(startOffset(node));
}

export function tooDeep(offset: number): Unreadable {
  return new Unreadable(offset, `more than ${mostDepth} maps and lists inside each other`);
}

function refused(node: Node, what: string): Unreadable {
  return new Unreadable(startOffset(node), what);
}

function startOffset({ range }: Node): number {
  return range?.[0] ?? 0;
}
