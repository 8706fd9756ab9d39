/** Endpoints and curves in an order in which each comes after what it is made of. */
import type { ExperimentConfig } from '../config.js';
import { UserError } from '../errors.js';
import { idOf, referencesOf, type Node } from './references.js';

/**
 * Endpoints by name, then curves by name; what one of them needs is drawn forward to stand before it.
 * Throws a `bad-input` UserError for one that needs itself; every name must be there.
 */
export function inDependencyOrder(config: ExperimentConfig): readonly Node[] {
  const ordered = new Map<string, Node>();
  const visit = (node: Node, path: readonly Node[]): void => {
    if (ordered.has(idOf(node))) return;
    if (path.some((one) => idOf(one) === idOf(node))) throw cycle([...path, node]);
    for (const { section, name } of referencesOf(config, node)) {
      visit({ section, name }, [...path, node]);
    }
    ordered.set(idOf(node), node);
  };
  for (const section of ['endpoints', 'curves'] as const) {
    for (const name of Object.keys(config[section]).sort()) visit({ section, name }, []);
  }
  return [...ordered.values()];
}

function cycle(path: readonly Node[]): UserError {
  const last = idOf(path.at(-1)!);
  const round = path.slice(path.findIndex((node) => idOf(node) === last)).map(idOf);
  return new UserError('bad-input', `${last}: it needs itself (${round.join(' needs ')})`);
}
