/**
 * Sessions that are not in use are kept for the next caller with the same graph: TensorFlow
 * optimises a graph at its first run, and most runs of an experiment run the same ones.
 */
import type { GraphHost, GraphSession } from '../../numerics/graph/compile.js';
import type { GraphNode } from '../../numerics/graph/graph.js';

/** A session as its loader gives it. */
interface PooledSession extends GraphSession {
  /** Lets go of the values of its variables. */
  readonly clear: () => void;
}

export interface SessionLoader {
  readonly contentOf: (nodes: readonly GraphNode[]) => string;
  readonly load: (nodes: readonly GraphNode[], content: string) => PooledSession;
}

/** At most `mostIdle` sessions wait; the one that waited longest goes first. */
export function sessionPool({ contentOf, load }: SessionLoader, mostIdle: number): GraphHost {
  const idle: { readonly content: string; readonly session: PooledSession }[] = [];
  const release = (content: string, session: PooledSession): void => {
    session.clear();
    idle.push({ content, session });
    if (idle.length > mostIdle) idle.shift()!.session.dispose();
  };
  return {
    load: (nodes) => {
      const content = contentOf(nodes);
      const found = idle.findIndex((entry) => entry.content === content);
      const session = found >= 0 ? idle.splice(found, 1)[0]!.session : load(nodes, content);
      let released = false;
      return {
        run: (signature, inputs) => session.run(signature, inputs),
        dispose: () => {
          if (!released) release(content, session);
          released = true;
        },
      };
    },
  };
}
