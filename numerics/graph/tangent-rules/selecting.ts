/** Ops that select among their inputs: under an infinitesimal move the selection stays the same. */
import { nativeBackend, typeAttribute } from '../native.js';
import type { OpNode } from '../graph.js';
import { outputEdge, scalar, type Emit, type TangentRule } from './rule.js';

/**
 * Among equal maxima the kernels choose the first in row-major order. Where windows do not overlap, an
 * input is chosen by one window at most, so the choice is a mask of 0 and 1, pooling sums over it
 * and its gradient spreads over it: average-pooling kernels, which are several times as fast as
 * MaxPoolGradGrad, and MaxPoolGrad where the pooling itself is in another graph. The mask carries
 * the entries of a window as its factor, so that the average is the sum.
 */
const maxPool: TangentRule = ({ node, tangents: [dx], emit }) => {
  const [x] = node.inputs as [string];
  const y = outputEdge(node);
  const area = disjointArea(node);
  if (area === null) return [emit.op('MaxPoolGradGrad', [x, y, dx!], node.attributes)];
  const chosen = emit.op('Mul', [mask(node, emit, { x, y, area }), dx!]);
  return [emit.op('AvgPool', [chosen], node.attributes)];
};

const maxPoolGrad: TangentRule = ({ node, tangents: [, , dg], emit }) => {
  const [x, y] = node.inputs as [string, string];
  const area = disjointArea(node);
  if (dg === null || dg === undefined) return [null];
  if (area === null) return [emit.op('MaxPoolGrad', [x, y, dg], node.attributes)];
  const types = [typeAttribute('T', 'TF_FLOAT'), typeAttribute('out_type', 'TF_INT32')];
  const shape = emit.op('Shape', [x], types);
  const spread = emit.op('AvgPoolGrad', [shape, dg], node.attributes);
  return [emit.op('Mul', [mask(node, emit, { x, y, area }), spread])];
};

interface Pooling {
  readonly x: string;
  readonly y: string;
  readonly area: number;
}

/** The area of a window at its maximum, 0 elsewhere. */
function mask(node: OpNode, emit: Emit, { x, y, area }: Pooling): string {
  const areas = emit.op('Mul', [emit.op('OnesLike', [y]), scalar(emit, area)]);
  return emit.op('MaxPoolGrad', [x, y, areas], node.attributes);
}

/** Entries of a window, or null where windows overlap or may hang over the border. */
function disjointArea(node: OpNode): number | null {
  const attribute = (name: string) => node.attributes.find((a) => a.name === name)?.value;
  const [size, stride] = [attribute('ksize'), attribute('strides')] as [number[], number[]];
  if (attribute('padding') !== 'VALID') return null;
  if (size.some((extent, axis) => extent > stride[axis]!)) return null;
  return size.reduce((a, b) => a * b, 1);
}

/** Extremum over axes: equal extrema share equally. */
const reduction: TangentRule = ({ node, tangents: [dx], emit }) => {
  const [x, axes] = node.inputs as [string, string];
  const { TF_ATTR_BOOL } = nativeBackend().binding;
  const others = node.attributes.filter(({ name }) => name !== 'keep_dims');
  const keepDims = { name: 'keep_dims', type: TF_ATTR_BOOL, value: true };
  const chosen = emit.op('Equal', [x, emit.op(node.op, [x, axes], [...others, keepDims])]);
  const mask = toFloat(emit, chosen);
  const moved = emit.op('Sum', [emit.op('Mul', [mask, dx!]), axes], node.attributes);
  return [emit.op('RealDiv', [moved, emit.op('Sum', [mask, axes], node.attributes)])];
};

function toFloat(emit: Emit, condition: string): string {
  return emit.op(
    'Cast',
    [condition],
    [typeAttribute('SrcT', 'TF_BOOL'), typeAttribute('DstT', 'TF_FLOAT')],
  );
}

/** Tangent rules of max pooling and of maxima and minima over axes. */
export const selecting: Readonly<Record<string, TangentRule>> = {
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGrad,
  Max: reduction,
  Min: reduction,
};
