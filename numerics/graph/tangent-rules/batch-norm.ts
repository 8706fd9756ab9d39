/** Batch norm with fixed statistics, an affine map per channel; NHWC. */
import type { OpNode } from '../graph.js';
import { reduce, refuse, scalar, sum, type Emit, type Tangent, type TangentRule } from './rule.js';

/** All axes but the channels'. */
const pixels = [0, 1, 2];

interface Normalisation {
  /** 1 / √(variance + ε) [channels]. */
  readonly inverse: string;
  /** x - mean. */
  readonly centred: () => string;
}

/** y = (x - mean) inverse scale + offset. */
const forward: TangentRule = ({ node, tangents, emit }) => {
  const [x, scale, , mean, variance] = node.inputs as [string, string, string, string, string];
  const [dx, dScale, dOffset, ...statistics] = tangents;
  const { inverse, centred } = fixed(node, emit, [x, mean, variance], statistics);
  const terms = [
    dx && mul(emit, dx, scale, inverse),
    dScale && mul(emit, centred(), dScale, inverse),
    // Alone it has no pixels: zeros give it the shape of x.
    dOffset && emit.op('AddV2', [emit.op('ZerosLike', [x]), dOffset]),
  ];
  return [sum(emit, terms.map(orNull))];
};

/** Outputs g scale inverse, Σ g (x - mean) inverse and Σ g, for the upstream gradient g. */
const backward: TangentRule = ({ node, tangents, emit }) => {
  const [g, x, scale, mean, variance] = node.inputs as [string, string, string, string, string];
  const [dg, dx, dScale, ...statistics] = tangents;
  const { inverse, centred } = fixed(node, emit, [x, mean, variance], statistics);
  const toX = [dg && mul(emit, dg, scale, inverse), dScale && mul(emit, g, dScale, inverse)];
  const toScale = sum(
    emit,
    [dg && mul(emit, dg, centred(), inverse), dx && mul(emit, g, dx, inverse)].map(orNull),
  );
  return [
    sum(emit, toX.map(orNull)),
    toScale && reduce(emit, 'Sum', toScale, pixels, false),
    dg ? reduce(emit, 'Sum', dg, pixels, false) : null,
  ];
};

function fixed(
  node: OpNode,
  emit: Emit,
  [x, mean, variance]: readonly [string, string, string],
  statistics: readonly (Tangent | undefined)[],
): Normalisation {
  const attribute = (name: string) => node.attributes.find((a) => a.name === name)?.value;
  if (attribute('is_training') !== false) refuse(node, 'it uses the statistics of the batch');
  if ((attribute('data_format') ?? 'NHWC') !== 'NHWC') refuse(node, 'channels are not last');
  if (statistics.some((tangent) => tangent)) refuse(node, 'its statistics move');
  const epsilon = Number(attribute('epsilon') ?? 1e-4); // TensorFlow's default
  const inverse = emit.op('Rsqrt', [emit.op('AddV2', [variance, scalar(emit, epsilon)])]);
  return { inverse, centred: () => emit.op('Sub', [x, mean]) };
}

function mul(emit: Emit, a: string, b: string, c: string): string {
  return emit.op('Mul', [emit.op('Mul', [a, b]), c]);
}

const orNull = (tangent: Tangent | undefined): Tangent => tangent ?? null;

/** Tangent rules of fused batch normalisation, forward and backward. */
export const batchNorm: Readonly<Record<string, TangentRule>> = {
  FusedBatchNorm: forward,
  FusedBatchNormV3: forward,
  FusedBatchNormGrad: backward,
  FusedBatchNormGradV3: backward,
};
