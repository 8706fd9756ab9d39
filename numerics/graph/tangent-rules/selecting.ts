/** Ops that select among their inputs: under an infinitesimal move the selection stays the same. */
import { nativeBackend, typeAttribute } from '../native.js';
import { outputOf, type Emit, type TangentRule } from './rule.js';

/** Of equal maxima the kernel takes the first in row-major order, as the gradient's kernel does. */
const maxPool: TangentRule = ({ node, tangents, emit }) => [
  emit.op('MaxPoolGradGrad', [node.inputs[0]!, outputOf(node), tangents[0]!], node.attributes),
];

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

export const selecting: Readonly<Record<string, TangentRule>> = {
  MaxPool: maxPool,
  Max: reduction,
  Min: reduction,
};
