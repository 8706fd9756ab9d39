/**
 * Ops that are linear in groups of their inputs. By the product rule the tangent is a sum over the
 * groups: the op itself with that group replaced by its tangents.
 */
import type { OpNode } from '../graph.js';
import { sum, type RuleArguments, type Tangent, type TangentRule } from './rule.js';

/** Positions of the inputs that an op is linear in together, such as both of an addition. */
type Group = readonly number[] | ((node: OpNode) => readonly number[]);

/** Group by group. Inputs in no group are shapes, axes, or switches with derivative 0 almost everywhere. */
const groups: Readonly<Record<string, readonly Group[]>> = {
  Identity: [[0]],
  Neg: [[0]],
  Reshape: [[0]],
  ExpandDims: [[0]],
  Squeeze: [[0]],
  Transpose: [[0]],
  Slice: [[0]],
  StridedSlice: [[0]],
  ReverseV2: [[0]],
  Tile: [[0]],
  BroadcastTo: [[0]],
  GatherV2: [[0]],
  PadV2: [[0, 2]],
  Unpack: [[0]],
  SplitV: [[0]],
  Pack: [allInputs],
  ConcatV2: [(node) => allInputs(node).slice(0, -1)],

  Sum: [[0]],
  Mean: [[0]],
  AddN: [allInputs],
  Add: [[0, 1]],
  AddV2: [[0, 1]],
  Sub: [[0, 1]],
  BiasAdd: [[0, 1]],
  BiasAddGrad: [[0]],
  Select: [[1, 2]],
  SelectV2: [[1, 2]],

  Mul: [[0], [1]],
  MatMul: [[0], [1]],
  BatchMatMulV2: [[0], [1]],
  Conv2D: [[0], [1]],
  DepthwiseConv2dNative: [[0], [1]],
  Conv2DBackpropInput: [[1], [2]],
  Conv2DBackpropFilter: [[0], [2]],

  AvgPool: [[0]],
  AvgPoolGrad: [[1]],
  MaxPoolGradGrad: [[2]],
  ReluGrad: [[0]],
  Relu6Grad: [[0]],
  LeakyReluGrad: [[0]],
};

function allInputs(node: OpNode): number[] {
  return node.inputs.map((_, i) => i);
}

/** One rule per op of the table. */
export const multilinear: Readonly<Record<string, TangentRule>> = Object.fromEntries(
  Object.entries(groups).map(([op, members]) => [op, multilinearRule(members)]),
);

function multilinearRule(members: readonly Group[]): TangentRule {
  return (args) => {
    const { node, emit } = args;
    const terms = members.map((group) => {
      const positions = typeof group === 'function' ? group(node) : group;
      return positions.some((i) => args.tangents[i] !== null) ? term(args, positions) : null;
    });
    const first = sum(emit, terms);
    if (first === null) return [];
    const moved = first.slice(0, first.lastIndexOf(':'));
    return Array.from({ length: outputCount(node) }, (_, i) => `${moved}:${i}`);
  };
}

/** The op with its inputs at these positions replaced; those that do not move are zeros. */
function term({ node, tangents, emit }: RuleArguments, positions: readonly number[]): Tangent {
  const inputs = node.inputs.map((input, i) =>
    positions.includes(i) ? (tangents[i] ?? emit.op('ZerosLike', [input])) : input,
  );
  return emit.op(node.op, inputs, node.attributes);
}

/** Only ops of one group have several outputs, so that no sum is between them and their node. */
function outputCount({ attributes }: OpNode): number {
  const count = attributes.find(({ name }) => name === 'num' || name === 'num_split');
  return count === undefined ? 1 : Number(count.value);
}

/** Ops whose outputs do not move almost everywhere, whatever their inputs do. */
export const constantAlmostEverywhere: ReadonlySet<string> = new Set([
  ...['ZerosLike', 'OnesLike', 'Shape', 'StopGradient', 'ArgMax', 'ArgMin'],
  ...['Equal', 'NotEqual', 'Greater', 'GreaterEqual', 'Less', 'LessEqual'],
  ...['IsNan', 'IsInf', 'IsFinite', 'Sign', 'Floor', 'Ceil', 'Round', 'Rint'],
]);
