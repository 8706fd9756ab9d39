/** Softmax and its cross-entropy over the last axis, without the cancellation of sure predictions. */
import { outputEdge, reduce, sum, type Emit, type TangentRule } from './rule.js';

/**
 * dz less the entry of the largest logit. Softmax does not see a shift of its logits, so this
 * changes no result; but where p is nearly one-hot, dz - <p, dz> would lose 1 - p to rounding,
 * while the shifted tangent is 0 exactly where p is nearly 1. (With equal maxima the shift is
 * their sum, which is as good as any.)
 */
function shifted(emit: Emit, z: string, dz: string): string {
  const top = emit.op('Equal', [z, reduce(emit, 'Max', z, [-1], true)]);
  const atTop = emit.op('SelectV2', [top, dz, emit.op('ZerosLike', [dz])]);
  return emit.op('Sub', [dz, reduce(emit, 'Sum', atTop, [-1], true)]);
}

/** d - <p, d>: log-softmax's tangent. */
function centred(emit: Emit, p: string, d: string): string {
  const mean = reduce(emit, 'Sum', emit.op('Mul', [p, d]), [-1], true);
  return emit.op('Sub', [d, mean]);
}

/** p (dz - <p, dz>). */
const softmax: TangentRule = ({ node, tangents, emit }) => {
  const p = outputEdge(node);
  const d = shifted(emit, node.inputs[0]!, tangents[0]!);
  return [emit.op('Mul', [p, centred(emit, p, d)])];
};

const logSoftmax: TangentRule = ({ node, tangents, emit }) => {
  const [z] = node.inputs as [string];
  return [centred(emit, emit.op('Softmax', [z]), shifted(emit, z, tangents[0]!))];
};

/**
 * Outputs l = -<y, log p> and g = p - y of logits z and labels y, whose rows add up to 1:
 * dl = <g, dz> - <dy, log p> and dg = p (dz - <p, dz>) - dy.
 */
const crossEntropy: TangentRule = ({ node, tangents, emit }) => {
  const [z] = node.inputs as [string, string];
  const [dz, dy] = tangents as [string | null, string | null];
  const over = (a: string, b: string) => reduce(emit, 'Sum', emit.op('Mul', [a, b]), [-1], false);
  const byLabels = dy && over(emit.op('Neg', [dy]), emit.op('LogSoftmax', [z]));
  const lost = dy && emit.op('Neg', [dy]);
  if (dz === null) return [byLabels, lost];
  const d = shifted(emit, z, dz);
  const p = emit.op('Softmax', [z]);
  const dp = emit.op('Mul', [p, centred(emit, p, d)]);
  return [sum(emit, [over(outputEdge(node, 1), d), byLabels]), sum(emit, [dp, lost])];
};

/** Tangent rules of softmax, log-softmax and softmax cross-entropy. */
export const softmaxFamily: Readonly<Record<string, TangentRule>> = {
  Softmax: softmax,
  LogSoftmax: logSoftmax,
  SoftmaxCrossEntropyWithLogits: crossEntropy,
};
