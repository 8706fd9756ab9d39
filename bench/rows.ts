/** Rows of the benchmark: what is timed, in which table, block sizes and target ratios. */
import type { BenchModel, OwnWork, PeerWork, Precision, TimedModel, Timing } from './request.js';

export const tableNames = ['cnn-small', 'vgg16', 'preresnet26', 'curvature', 'nemon'] as const;
export type TableName = (typeof tableNames)[number];

export interface Row {
  readonly table: TableName;
  readonly title: string;
  readonly model: TimedModel;
  readonly precision: Precision;
  readonly own: OwnWork;
  readonly peer: PeerWork;
  /** Tuned PyTorch's time over ours, or null where a row is for information. */
  readonly bar: number | null;
  /** Whether the bar is for processors with AMX alone. */
  readonly needsAmx: boolean;
  readonly block: Block;
}

type Block = Pick<Timing, 'warm' | 'repeat' | 'calls'>;

/** A training step is a mean over several, since some engines take several a call. */
const passes: Readonly<Record<BenchModel, readonly Pass[]>> = {
  'cnn-small': [
    ['training step', 'training-step', { warm: 32, repeat: 4, calls: 32 }],
    ['forward', 'forward', { warm: 3, repeat: 15, calls: 1 }],
    ['PGD step', 'pgd-step', { warm: 5, repeat: 30, calls: 1 }],
    ['PGD-10', 'pgd-10', { warm: 2, repeat: 10, calls: 1 }],
  ],
  vgg16: [
    ['training step', 'training-step', { warm: 4, repeat: 2, calls: 4 }],
    ['forward', 'forward', { warm: 0, repeat: 1, calls: 1 }],
    ['PGD step', 'pgd-step', { warm: 1, repeat: 4, calls: 1 }],
  ],
  preresnet26: [
    ['training step', 'training-step', { warm: 4, repeat: 4, calls: 4 }],
    ['forward', 'forward', { warm: 1, repeat: 2, calls: 1 }],
    ['PGD step', 'pgd-step', { warm: 2, repeat: 8, calls: 1 }],
  ],
};

type Pass = readonly [what: string, work: OwnWork, block: Block];

function passRows(model: BenchModel, precision: Precision): Row[] {
  const kind = precision === 'float32' ? '' : ', bf16';
  return passes[model].map(([what, work, block]) => ({
    table: model,
    title: `${model} ${what}${kind}`,
    ...{ model, precision, own: work, peer: work, block },
    bar: precision === 'float32' ? float32Bar(model, work) : bfloat16Bar(work),
    needsAmx: precision === 'bfloat16',
  }));
}

function float32Bar(model: BenchModel, work: OwnWork): number | null {
  if (work === 'forward') return 1;
  if (model !== 'cnn-small') return 1.1;
  switch (work) {
    case 'training-step':
      return 1.35;
    case 'pgd-10':
      return 1.5;
    default:
      return null;
  }
}

/** Evaluation computes in float32 whatever the precision: no bar of bf16 is for it. */
function bfloat16Bar(work: OwnWork): number | null {
  if (work === 'forward') return null;
  return work === 'training-step' ? 1.1 : 1.2;
}

const productBlock = { warm: 3, repeat: 15, calls: 1 };
const eigenvalueBlock = { warm: 1, repeat: 3, calls: 1 };

function curvatureRow(
  title: string,
  own: OwnWork,
  peer: PeerWork,
  bar: number | null,
  block: Block,
): Row {
  const [table, model, precision] = ['curvature', 'cnn-small', 'float32'] as const;
  return { table, title, model, precision, own, peer, bar, needsAmx: false, block };
}

const curvatureRows: readonly Row[] = [
  ...(['weight', 'input'] as const).flatMap((variable) => [
    curvatureRow(
      `${variable} HVP with its graph, against double backward`,
      ...([`${variable}-product`, `${variable}-product`, 1.6, productBlock] as const),
    ),
    curvatureRow(
      `${variable} HVP, one more at the same point`,
      ...([`${variable}-product-kept`, `${variable}-product-kept`, 1.2, productBlock] as const),
    ),
  ]),
  curvatureRow(
    'largest eigenvalue of 128 images, Lanczos to 1e-4, against 20 power iterations',
    ...(['eigenvalues-lanczos', 'eigenvalues-power', 6, eigenvalueBlock] as const),
  ),
  curvatureRow(
    'largest eigenvalue of 128 images, J^T S J, against 20 power iterations',
    ...(['eigenvalues-closed-form', 'eigenvalues-power', 6, eigenvalueBlock] as const),
  ),
  curvatureRow(
    'largest eigenvalue of 128 images, J^T S J on both sides',
    ...(['eigenvalues-closed-form', 'eigenvalues-closed-form', null, eigenvalueBlock] as const),
  ),
];

/**
 * An epoch is to take at most one and a half times as long as PyTorch's. Both sides take 50 iterations forward and 50
 * backward.
 */
const implicitBar = 0.67;

function implicitRow(title: string, work: OwnWork, bar: number | null, block: Block): Row {
  const model = 'nemon';
  const what = { table: model, title: `${model} ${title}`, model, precision: 'float32' } as const;
  return { ...what, own: work, peer: work, bar, needsAmx: false, block };
}

const implicitBlock = { warm: 16, repeat: 4, calls: 16 };

const implicitRows: readonly Row[] = [
  implicitRow('training step', 'training-step', implicitBar, implicitBlock),
  implicitRow('training step for certificates', 'certified-step', implicitBar, implicitBlock),
  implicitRow('forward', 'forward', null, { warm: 2, repeat: 8, calls: 1 }),
];

export function selectRows(tables: readonly TableName[], precisions: readonly Precision[]): Row[] {
  return tables.flatMap((table) => {
    if (table === 'curvature') return precisions.includes('float32') ? curvatureRows : [];
    if (table === 'nemon') return precisions.includes('float32') ? implicitRows : [];
    return precisions.flatMap((precision) => passRows(table, precision));
  });
}

/** Our bf16 against our float32, with AMX. */
export const bfloat16Bars: readonly { model: BenchModel; own: OwnWork; bar: number }[] = [
  { model: 'vgg16', own: 'pgd-step', bar: 2.5 },
  { model: 'vgg16', own: 'training-step', bar: 2 },
];
