/** Results of every precision against the stored ones in float64, with bars for each precision. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../../experiment/errors.js';
import { decodeSafetensors } from '../../../stores/formats/safetensors.js';
import { checks, type Check } from '../../exactness.js';
import type { Peer } from '../../peers/peer.js';
import { operationChecks, type BenchModel, type ExactnessPart } from '../../request.js';
import { compareResults } from '../compare.js';
import {
  graphPrecision,
  precisionsOn,
  startOwn,
  type ProofContext,
  type ProofPrecision,
} from '../context.js';
import { drawOnce } from '../drawn-inputs.js';
import type { Tell } from '../findings.js';
import { comparedParts, readReference, type Reference } from '../reference.js';

export async function exactness(context: ProofContext, tell: Tell): Promise<void> {
  const drawn: Drawn[] = [];
  for (const model of context.models) {
    const reference = await readReference(model);
    drawn.push({ model, reference, inputs: await drawOnce(model, context.work) });
  }
  for (const precision of precisionsOn(context.device)) {
    // A log of its own for each: that of one that crashed is worth most.
    let started = 0;
    const start = (): Peer =>
      startOwn(context, { name: `exactness-${precision}-${++started}`, precision });
    let peer = start();
    await compareOperations(peer, precision, tell);
    for (const { part, ...one } of drawn.flatMap((each) => partsIn(precision, each))) {
      try {
        await compare(peer, { ...one, precision, part, work: context.work }, tell);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        tell({ problem: `${one.model} in ${precision}, ${part}: ${error.message}` });
        // It may be gone, or not itself any more.
        await peer.close();
        peer = start();
      }
    }
    await peer.close();
  }
}

/** Before whole networks: the first operation that is wrong explains what is wrong in them. */
async function compareOperations(peer: Peer, precision: ProofPrecision, tell: Tell): Promise<void> {
  // Which products bfloat16 rounds is decided in whole graphs.
  if (precision === 'bfloat16') return;
  for (const { name, error, tolerance, ok } of await checkedOperations(peer, precision, tell)) {
    const figure = error === null ? 'no number' : error.toExponential(1);
    const row = { precision, operation: name, 'largest error': figure, bar: tolerance };
    tell({ table: 'operations', row: { ...row, verdict: ok ? 'met' : 'MISSED' } });
    if (!ok) tell({ problem: `${name} in ${precision}: ${figure}, the bar is ${tolerance}` });
  }
}

async function checkedOperations(peer: Peer, precision: 'float32' | 'tf32', tell: Tell) {
  try {
    return operationChecks.parse(await peer.ask({ command: 'operations', precision }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    tell({ problem: `operations in ${precision}: ${error.message}` });
    return [];
  }
}

interface Drawn {
  readonly model: BenchModel;
  readonly reference: Reference;
  /** File of weights and images. */
  readonly inputs: string;
}

/** Asked one by one: where one cannot be computed, the others are. Curvature is never computed in bfloat16. */
function partsIn(precision: ProofPrecision, drawn: Drawn) {
  return comparedParts[drawn.model]
    .filter((part) => precision !== 'bfloat16' || part === 'passes' || part === 'attack')
    .map((part) => ({ ...drawn, part }));
}

interface Comparison extends Drawn {
  readonly precision: ProofPrecision;
  readonly part: ExactnessPart;
  readonly work: string;
}

async function compare(
  peer: Peer,
  { model, reference, inputs, precision, part, work }: Comparison,
  tell: Tell,
): Promise<void> {
  const results = join(work, `results-${model}.safetensors`);
  const request = { command: 'exactness', model, precision: graphPrecision(precision), inputs };
  await peer.ask({ ...request, parts: [part], results });
  const { tensors } = decodeSafetensors(await readFile(results));
  for (const found of compareResults(tensors, reference.tensors, precision === 'float32')) {
    tellFigure({ model, precision, ...found }, tell);
  }
}

interface Told {
  readonly model: BenchModel;
  readonly precision: ProofPrecision;
  readonly check: Check;
  readonly figure: number;
  readonly leftOut: number;
}

function tellFigure({ model, precision, check, figure, leftOut }: Told, tell: Tell): void {
  const [title] = checks[check];
  const bar = bars[precision][check];
  // A figure that is not a number meets nothing.
  const met = figure <= bar;
  const row = { model, precision, 'against float64': title, figure: figure.toExponential(1), bar };
  tell({
    table: 'exactness',
    row: { ...row, verdict: met ? 'met' : 'MISSED', 'left out at a kink': leftOut },
  });
  if (!met) tell({ problem: `${model} in ${precision}, ${title}: ${figure}, the bar is ${bar}` });
}

type Bars = Readonly<Record<Check, number>>;

const float32 = Object.fromEntries(
  Object.entries(checks).map(([check, [, bar]]) => [check, bar]),
) as Record<Check, number>;

/**
 * Those of TF32 and bfloat16 are about twice what the same rounding of all arguments of products gave on a CPU: it puts
 * many images on other pieces of the network, so that gradients differ by much more than their arithmetic does.
 */
const bars: Readonly<Record<ProofPrecision, Bars>> = {
  float32,
  tf32: {
    logits: 2e-3,
    input_gradient: 0.25,
    pgd_predictions: 10,
    curve_loss: 2e-3,
    weight_product: 0.3,
    input_product: 0.35,
    eigenvalues_lanczos: 0.05,
    eigenvalues_closed_form: 0.05,
  },
  bfloat16: { ...float32, logits: 1.5e-2, input_gradient: 0.7, pgd_predictions: 12 },
};
