/** Endpoints and curves in an order in which each comes after what it is made of. */
import type { BaseConfig } from '../config/base.js';
import { UserError } from '../errors.js';
import { nodeId, listReferences, type Node } from '../kinds/parts/references.js';

/**
 * Endpoints by name, then curves by name; what one of them needs is drawn forward to stand before it.
 * Throws a `bad-input` UserError for one that needs itself; every name must be there.
 */
export function inDependencyOrder(config: BaseConfig): readonly Node[] {
  const ordered = new Map<string, Node>();
  const path: Node[] = [];
  const open = new Set<string>();
  const visit = (node: Node): void => {
    const id = nodeId(node);
    if (ordered.has(id)) return;
    if (open.has(id)) throw cycle([...path, node]);
    if (path.length >= mostOrigins) throw tooLong(path[0]!);
    path.push(node);
    open.add(id);
    for (const { section, name } of listReferences(config, node)) visit({ section, name });
    path.pop();
    open.delete(id);
    ordered.set(id, node);
  };
  for (const section of ['endpoints', 'curves'] as const) {
    for (const name of Object.keys(config[section]).sort()) visit({ section, name });
  }
  return [...ordered.values()];
}

/** Each made of the one before it. */
const mostOrigins = 250;

function tooLong(node: Node): UserError {
  const what = `it is made of more than ${mostOrigins} others, each of the next`;
  return new UserError('bad-input', `${nodeId(node)}: ${what}; shorten the chain`);
}

function cycle(path: readonly Node[]): UserError {
  const last = nodeId(path.at(-1)!);
  const round = path.slice(path.findIndex((node) => nodeId(node) === last)).map(nodeId);
  return new UserError('bad-input', `${last}: it needs itself (${round.join(' needs ')})`);
}
