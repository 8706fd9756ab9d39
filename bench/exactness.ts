/** `npm run bench -- exactness`: what the engine computes against PyTorch in float64, figure and bar. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { benchDir } from './folders.js';
import { makeInputs } from './inputs.js';
import { markdownTable } from './markdown.js';
import { startIsthmus } from './peers/isthmus.js';
import { pytorchInstalled, startPytorch } from './peers/pytorch.js';
import { exactnessParts, modelNames, type BenchModel } from './request.js';

/** Relative differences, except where a title says otherwise. */
export const checks = {
  logits: ['logits', 1e-5],
  input_gradient: ['input gradient', 1e-5],
  pgd_predictions: ['predictions after PGD-10 without random start, % that differ', 0.1],
  curve_loss: ['loss on a curve, largest of five points', 1e-5],
  weight_product: ['weight HVP', 1e-5],
  input_product: ['input HVP', 1e-5],
  eigenvalues_lanczos: ['largest eigenvalue by Lanczos, worst of 128 images', 1e-4],
  eigenvalues_closed_form: ['largest eigenvalue by J^T S J, worst of 128 images', 1e-4],
} as const satisfies Readonly<Record<string, readonly [title: string, bar: number]>>;

export type Check = keyof typeof checks;

const figures = z.partialRecord(
  z.enum(Object.keys(checks) as [Check, ...Check[]]),
  z.strictObject({ figure: z.number(), left_out: z.int() }),
);

export interface ExactnessOptions {
  readonly threads: number;
  readonly json?: string;
}

interface Compared {
  readonly model: BenchModel;
  readonly check: Check;
  readonly figure: number;
  /** Images that float32 rounding put on another piece of the network. */
  readonly leftOut: number;
}

/** Whether every bar is met. */
export async function exactness({ threads, json }: ExactnessOptions): Promise<boolean> {
  if (!pytorchInstalled()) {
    throw new UserError('dependency-down', 'exactness is measured against PyTorch', {
      hint: 'npm run bench -- --install-pytorch',
    });
  }
  const compared = await compareAll(threads);
  const body = compared.map(({ model, check, figure, leftOut }) => {
    const [title, bar] = checks[check];
    return [
      model,
      title,
      figure.toExponential(1),
      bar.toString(),
      verdict(check, figure),
      String(leftOut),
    ];
  });
  console.log(
    markdownTable(
      ['model', 'against PyTorch in float64', 'figure', 'bar', '', 'images left out at a kink'],
      body,
    ),
  );
  if (json) writeFileSync(json, `${JSON.stringify(compared, null, 1)}\n`);
  return compared.every(({ check, figure }) => verdict(check, figure) === 'met');
}

function verdict(check: Check, figure: number): 'met' | 'MISSED' {
  // A figure that is not a number meets nothing.
  return figure <= checks[check][1] ? 'met' : 'MISSED';
}

async function compareAll(threads: number): Promise<Compared[]> {
  const own = startIsthmus({ threads });
  const peer = startPytorch({ variant: 'plain', threads });
  try {
    const compared: Compared[] = [];
    for (const model of modelNames) {
      const inputs = await makeInputs(own, model);
      const results = join(benchDir, `exactness-${model}.safetensors`);
      // Of the larger networks the bars speak of logits and gradients.
      const parts = model === 'cnn-small' ? exactnessParts : ['passes'];
      const command = { command: 'exactness', model, inputs, results };
      await own.ask({ ...command, precision: 'float32', parts });
      const reply = await peer.ask(command);
      for (const [check, found] of Object.entries(figures.parse(reply))) {
        const { figure, left_out: leftOut } = found;
        compared.push({ model, check: check as Check, figure, leftOut });
      }
    }
    return compared;
  } finally {
    await Promise.all([own.close(), peer.close()]);
  }
}
