/** A host that computes every float32 op of a graph in float64: what float32 results are measured against. */
import type { GraphHost } from '../../numerics/graph/compile.js';
import { dataTypes, type GraphNode, type OpNode } from '../../numerics/graph/graph.js';
import { nativeBackend } from '../../numerics/graph/native.js';

const float64 = 2;
/** Ops of float32 arguments whose results are of another type. */
const otherResults = new Set(['ArgMax', 'Shape', 'Greater', 'LessEqual', 'Equal', 'NotEqual']);

export function float64Host(host: GraphHost): GraphHost {
  return {
    load(nodes) {
      const { rewritten, back } = inFloat64(nodes);
      const session = host.load(rewritten);
      const asked = (edge: string): string => back.get(edge) ?? edge;
      return {
        run: (signature, inputs) =>
          session.run({ ...signature, outputs: signature.outputs.map(asked) }, inputs),
        dispose: () => session.dispose(),
      };
    },
  };
}

/** Values are cast where they enter, and results, by `back`, where they leave. */
function inFloat64(nodes: readonly GraphNode[]) {
  const rewritten: GraphNode[] = [];
  const wide = new Map<string, string>();
  const back = new Map<string, string>();
  const enters = (name: string): void => {
    wide.set(`${name}:0`, `${name}_wide:0`);
    rewritten.push(cast(`${name}_wide`, `${name}:0`, dataTypes.float32, float64));
  };
  for (const node of nodes) {
    switch (node.kind) {
      case 'placeholder':
      case 'constant':
        rewritten.push(node);
        if (node.dtype === 'float32') enters(node.name);
        break;
      case 'read':
        rewritten.push(node);
        if (node.variable.dtype === 'float32') enters(node.name);
        break;
      case 'variable':
        rewritten.push(node);
        break;
      case 'assign':
        rewritten.push({ ...node, value: back.get(node.value) ?? node.value });
        break;
      case 'update': {
        const { learningRate, gradient, momentum } = node;
        const narrow = (edge: string): string => back.get(edge) ?? edge;
        rewritten.push({
          ...node,
          learningRate: narrow(learningRate),
          gradient: narrow(gradient),
          momentum: narrow(momentum),
        });
        break;
      }
      case 'op': {
        const op = widened(node, wide);
        rewritten.push(op.node);
        for (const edge of op.wideOutputs) {
          const name = `${edge.replace(':', '_')}_back`;
          back.set(edge, `${name}:0`);
          rewritten.push(cast(name, edge, float64, dataTypes.float32));
        }
        break;
      }
      default:
        throw new Error(`unknown node ${JSON.stringify(node satisfies never)}`);
    }
  }
  return { rewritten, back };
}

function widened(node: OpNode, wide: ReadonlyMap<string, string>) {
  const type = nativeBackend().binding.TF_ATTR_TYPE;
  const isFloat = (a: OpNode['attributes'][number]) => a.type === type && a.value === 1;
  if (!node.attributes.some(isFloat)) return { node, wideOutputs: [] };
  const attributes = node.attributes.map((a) => (isFloat(a) ? { ...a, value: float64 } : a));
  const inputs = node.inputs.map((edge) => wide.get(edge) ?? edge);
  const outputs = Array.from({ length: node.count }, (_, i) => `${node.name}:${i}`);
  return {
    node: { ...node, attributes, inputs },
    wideOutputs: otherResults.has(node.op) ? [] : outputs,
  };
}

function cast(name: string, edge: string, from: number, to: number): OpNode {
  const type = nativeBackend().binding.TF_ATTR_TYPE;
  const attributes = [
    { name: 'SrcT', type, value: from },
    { name: 'DstT', type, value: to },
  ];
  return { kind: 'op', name, op: 'Cast', inputs: [edge], attributes, count: 1 };
}
