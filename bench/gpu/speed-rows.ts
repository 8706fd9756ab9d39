/** Rows that are timed on a GPU, and the sizes of their blocks. */
import type { Device } from '../../settings/settings.js';
import type { BenchModel, OwnWork } from '../request.js';
import type { Row } from '../rows.js';
import { graphPrecision, type ProofPrecision } from './context.js';

const titles = {
  'training-step': 'training step',
  'pgd-10': 'PGD-10',
  'weight-product': 'weight HVP with its graph',
  forward: 'forward',
} as const satisfies Partial<Record<OwnWork, string>>;

type ProofWork = keyof typeof titles;

/** Evaluation and curvature compute in float32 whatever the precision. */
export function worksIn(precision: ProofPrecision): readonly ProofWork[] {
  const lowered = ['training-step', 'pgd-10'] as const;
  return precision === 'bfloat16' ? lowered : [...lowered, 'weight-product', 'forward'];
}

/** A call of a small network takes sixteen training steps; a forward unit is a batch, ten of them a call. */
const blocks: Readonly<Record<Device, Readonly<Record<ProofWork, Row['block']>>>> = {
  gpu: {
    'training-step': { warm: 32, repeat: 10, calls: 16 },
    'pgd-10': { warm: 3, repeat: 10, calls: 1 },
    'weight-product': { warm: 3, repeat: 10, calls: 1 },
    forward: { warm: 2, repeat: 5, calls: 1 },
  },
  // Enough to see that the rows work.
  cpu: {
    'training-step': { warm: 2, repeat: 3, calls: 2 },
    'pgd-10': { warm: 1, repeat: 2, calls: 1 },
    'weight-product': { warm: 1, repeat: 2, calls: 1 },
    forward: { warm: 0, repeat: 2, calls: 1 },
  },
};

export function speedRow(
  device: Device,
  model: BenchModel,
  work: ProofWork,
  precision: ProofPrecision,
): Row {
  return {
    ...{ table: model, title: titles[work], model, precision: graphPrecision(precision) },
    ...{ own: work, peer: work, bar: null, needsAmx: false, block: blocks[device][work] },
  };
}
