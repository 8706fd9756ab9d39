/** Ops that act on each entry alone: the tangent is the derivative there times the tangent. */
import { dataTypes } from '../graph.js';
import { outputEdge, refuse, scalar, sum, type RuleArguments, type TangentRule } from './rule.js';

/** A rule of one input x, with output y and tangent dx. */
type Unary = (args: { x: string; y: string; dx: string } & Pick<RuleArguments, 'emit'>) => string;

/**
 * The gradient kernel of an elementwise op multiplies by its derivative, and so is its tangent too;
 * `y` kernels take the op's output, `x` kernels its input, before or after what they multiply.
 */
const unary: Readonly<Record<string, Unary>> = {
  Square: ({ x, dx, emit }) => emit.op('Mul', [emit.op('Mul', [scalar(emit, 2), x]), dx]),
  Sqrt: ({ y, dx, emit }) => emit.op('SqrtGrad', [y, dx]),
  Rsqrt: ({ y, dx, emit }) => emit.op('RsqrtGrad', [y, dx]),
  Reciprocal: ({ y, dx, emit }) => emit.op('ReciprocalGrad', [y, dx]),
  Exp: ({ y, dx, emit }) => emit.op('Mul', [y, dx]),
  Log: ({ x, dx, emit }) => emit.op('RealDiv', [dx, x]),
  Sigmoid: ({ y, dx, emit }) => emit.op('SigmoidGrad', [y, dx]),
  Tanh: ({ y, dx, emit }) => emit.op('TanhGrad', [y, dx]),
  Softplus: ({ x, dx, emit }) => emit.op('SoftplusGrad', [dx, x]),
  Abs: ({ x, dx, emit }) => emit.op('Mul', [emit.op('Sign', [x]), dx]),
  Relu: ({ y, dx, emit }) => emit.op('ReluGrad', [dx, y]),
  Relu6: ({ y, dx, emit }) => emit.op('Relu6Grad', [dx, y]),
};

/** x / y: (dx - (x / y) dy) / y. */
const quotient: TangentRule = ({ node, tangents, emit }) => {
  const [dx, dy] = tangents as [string | null, string | null];
  const lost = dy && emit.op('Neg', [emit.op('Mul', [outputEdge(node), dy])]);
  return [emit.op(node.op, [sum(emit, [dx, lost])!, node.inputs[1]!], node.attributes)];
};

/** (x - y)²: 2 (x - y) (dx - dy). */
const squaredDifference: TangentRule = ({ node, tangents, emit }) => {
  const [dx, dy] = tangents as [string | null, string | null];
  const twice = emit.op('Mul', [scalar(emit, 2), emit.op('Sub', [...node.inputs])]);
  return [emit.op('Mul', [twice, sum(emit, [dx, dy && emit.op('Neg', [dy])])!])];
};

/** The tangent of whichever argument is taken; of equal ones the first, as tfjs does in its gradients. */
function extremum(comparison: 'GreaterEqual' | 'LessEqual'): TangentRule {
  return ({ node, tangents, emit }) => {
    const first = emit.op(comparison, [...node.inputs]);
    const moved = node.inputs.map((x, i) => tangents[i] ?? emit.op('ZerosLike', [x]));
    return [emit.op('SelectV2', [first, ...moved])];
  };
}

/** x^c: c x^(c-1) dx. */
const power: TangentRule = ({ node, tangents: [dx, dc], emit }) => {
  if (dc !== null) refuse(node, 'its exponent moves');
  const [x, c] = node.inputs as [string, string];
  const lower = emit.op('Pow', [x, emit.op('Sub', [c, scalar(emit, 1)])]);
  return [emit.op('Mul', [emit.op('Mul', [c, lower]), dx!])];
};

const leakyRelu: TangentRule = ({ node, tangents, emit }) => [
  emit.op('LeakyReluGrad', [tangents[0]!, node.inputs[0]!], node.attributes),
];

/** Whole numbers do not move. */
const cast: TangentRule = ({ node, tangents, emit }) => {
  const target = node.attributes.find(({ name }) => name === 'DstT')?.value;
  return [target === dataTypes.float32 ? emit.op('Cast', [tangents[0]!], node.attributes) : null];
};

/** Tangent rules of elementwise functions that are not linear. */
export const elementwise: Readonly<Record<string, TangentRule>> = {
  ...Object.fromEntries(Object.entries(unary).map(([op, rule]) => [op, unaryRule(rule)])),
  RealDiv: quotient,
  DivNoNan: quotient,
  SquaredDifference: squaredDifference,
  Maximum: extremum('GreaterEqual'),
  Minimum: extremum('LessEqual'),
  Pow: power,
  LeakyRelu: leakyRelu,
  Cast: cast,
};

function unaryRule(rule: Unary): TangentRule {
  return ({ node, tangents, emit }) => [
    rule({ x: node.inputs[0]!, y: outputEdge(node), dx: tangents[0]!, emit }),
  ];
}
