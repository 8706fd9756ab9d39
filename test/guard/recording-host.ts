/**
 * A host that writes down which graphs it is given. What they compute it answers with zeros (or ones), whose shapes it finds out
 * by computing each call of each graph once: so a run visits all of its graphs in no time, on every machine the same.
 */
import * as tf from '@tensorflow/tfjs';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { eagerHost } from '../../numerics/graph/eager.js';
import { ancestors, type GraphNode, type Signature } from '../../numerics/graph/graph.js';
import { graphDigest } from '../../engine/process/graph-files.js';

/** By graph and outputs. */
const zeros = new Map<string, readonly tf.Tensor[]>();

export interface Recording {
  /** sha256 of the nodes. */
  readonly found: (digest: string) => void;
  /** For graphs with types that tfjs has no kernels for. */
  readonly captured: GraphHost;
  /** What every value is that the n-th graph computes, from 0. */
  readonly answer: (n: number) => 0 | 1;
}

export function recordingHost({ found, captured, answer }: Recording): GraphHost {
  let loaded = 0;
  return {
    load(nodes) {
      const value = answer(loaded++);
      const content = graphDigest(nodes);
      found(content);
      const session = (isLowered(nodes) ? captured : eagerHost).load(nodes);
      return {
        dispose: () => session.dispose(),
        run(signature, inputs) {
          if (!computes(nodes, signature)) return session.run(signature, inputs);
          const call = `${content} ${signature.outputs.join()}`;
          const known = zeros.get(call) ?? zerosLike(session.run(signature, inputs));
          zeros.set(call, known);
          return known.map((tensor) => (value === 0 ? tf.clone(tensor) : tf.onesLike(tensor)));
        },
      };
    },
  };
}

/** In place of what was given; they stay. */
function zerosLike(given: readonly tf.Tensor[]): readonly tf.Tensor[] {
  const same = given.map((tensor) => tf.keep(tf.zerosLike(tensor)));
  tf.dispose([...given]);
  return same;
}

function isLowered(nodes: readonly GraphNode[]): boolean {
  return nodes.some(({ name }) => name.endsWith('_bfloat16'));
}

/** More than moving variables in and out of the session. */
function computes(nodes: readonly GraphNode[], { outputs }: Signature): boolean {
  const moves = ['Identity', 'DeepCopy'];
  return ancestors(nodes, outputs).some((node) => node.kind === 'op' && !moves.includes(node.op));
}
