/**
 * The filter gradient of a convolution as a forward convolution whose batch is the channels and whose channels are
 * the batch, which oneDNN computes faster in bfloat16 where images are small and channels many: on images of 4 x 4
 * a third less time, in float32 a sixth more (`npm run bench -- convolutions`).
 */
import { edgeNode, type ConstantNode, type GraphNode, type OpNode } from './graph.js';
import { attribute, typeAttribute } from './native.js';

type Sizes = readonly number[];

/** Nodes with such gradients in the swapped form; other nodes as they are. */
export function withSwappedFilterGradients(nodes: readonly GraphNode[]): GraphNode[] {
  const constants = new Map<string, ConstantNode>();
  return nodes.flatMap((node) => {
    if (node.kind === 'constant') constants.set(node.name, node);
    if (node.kind !== 'op' || node.op !== 'Conv2DBackpropFilter' || node.exact) return [node];
    const kernels = constants.get(edgeNode(node.inputs[1]!));
    return kernels && isDeep(node, [...kernels.values])
      ? swapped(node, kernels.values[0]!)
      : [node];
  });
}

/** Images of 8 x 8 or less and many channels, stride 1, as at the end of vgg16; kernels [k, k, in, out]. */
function isDeep({ imageShape, attributes }: OpNode, [size, , channels, out]: Sizes): boolean {
  const value = (name: string) => attributes.find((a) => a.name === name)?.value;
  if (imageShape === undefined || value('padding') !== 'SAME') return false;
  if (String(value('strides')) !== '1,1,1,1') return false;
  const [, height, width] = imageShape;
  return size! % 2 === 1 && size! > 1 && height! * width! <= 64 && channels! * out! >= 2 ** 16;
}

/** dW[i,j,c,k] = Σ_yx Σ_n x[n,y+i,x+j,c] g[n,y,x,k], images x padded on each side by (size - 1) / 2. */
function swapped({ name, inputs, attributes }: OpNode, size: number): GraphNode[] {
  const [images, , upstream] = inputs as readonly [string, string, string];
  const { nodes, op, constant, transpose } = emitter(name);
  const side = (size - 1) / 2;
  const sides = constant('_sides', [4, 2], Int32Array.of(0, 0, side, side, side, side, 0, 0));
  const zero = constant('_zero', [], Float32Array.of(0));
  const padded = op('_padded', 'PadV2', {
    inputs: [transpose('_images', images, [3, 1, 2, 0]), sides, zero],
    attributes: [typeAttribute('T', 'TF_FLOAT'), typeAttribute('Tpaddings', 'TF_INT32')],
  });
  const convolved = op('_convolved', 'Conv2D', {
    inputs: [padded, transpose('_upstream', upstream, [1, 2, 0, 3])],
    attributes: attributes.map((a) =>
      a.name === 'padding' ? attribute('padding', 'TF_ATTR_STRING', 'VALID') : a,
    ),
  });
  transpose('', convolved, [1, 2, 0, 3]);
  return nodes;
}

/** Makes nodes whose names begin with the given one; each call returns its result's edge. */
function emitter(base: string) {
  const nodes: GraphNode[] = [];
  const op = (
    suffix: string,
    kernel: string,
    rest: Pick<OpNode, 'inputs' | 'attributes'>,
  ): string => {
    nodes.push({ kind: 'op', name: `${base}${suffix}`, op: kernel, count: 1, ...rest });
    return `${base}${suffix}:0`;
  };
  const constant = (suffix: string, shape: Sizes, values: Int32Array | Float32Array): string => {
    const dtype = values instanceof Int32Array ? 'int32' : 'float32';
    nodes.push({ kind: 'constant', name: `${base}${suffix}`, dtype, shape, values });
    return `${base}${suffix}:0`;
  };
  const transpose = (suffix: string, edge: string, axes: Sizes): string =>
    op(suffix, 'Transpose', {
      inputs: [edge, constant(`${suffix}_axes`, [axes.length], Int32Array.from(axes))],
      attributes: [typeAttribute('T', 'TF_FLOAT'), typeAttribute('Tperm', 'TF_INT32')],
    });
  return { nodes, op, constant, transpose };
}
