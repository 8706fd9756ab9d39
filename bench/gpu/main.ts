/**
 * One step of the proof on a GPU: `main.js --step NAME --device gpu --seconds N --work FOLDER ...`, started by
 * prove.py. Findings go to stdout; exit code 1 where something did not come out as it should.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { datasetNames } from '../../experiment/catalogue/datasets.js';
import { visibleGpus } from '../../settings/gpus.js';
import { modelNames } from '../request.js';
import type { ProofContext } from './context.js';
import { determinism } from './steps/determinism.js';
import { endpoint } from './steps/endpoint.js';
import { exactness } from './steps/exactness.js';
import { load } from './steps/load.js';
import { resume } from './steps/resume.js';
import { speed } from './steps/speed.js';
import { print, type Tell } from './findings.js';

type Step = (context: ProofContext, tell: Tell) => Promise<void>;

const steps = { load, exactness, determinism, resume, speed, endpoint } as const satisfies Readonly<
  Record<string, Step>
>;

const optionsSchema = z.strictObject({
  step: z.enum(Object.keys(steps) as [keyof typeof steps]),
  device: z.enum(['cpu', 'gpu']),
  seconds: z.coerce.number().positive(),
  threads: z.coerce.number().int().positive(),
  models: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(modelNames)).min(1)),
  dataset: z.enum(datasetNames),
  data: z.string().optional(),
  work: z.string(),
  libraries: z.string().default(''),
  python: z.string().nullable().default(null),
});

function readOptions() {
  const names = Object.keys(optionsSchema.shape);
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  return optionsSchema.parse(parseArgs({ options }).values);
}

async function main(): Promise<void> {
  const begunMs = performance.now();
  const { step, seconds, data, ...options } = readOptions();
  if (options.device === 'gpu') pinCard(process.env);
  const context: ProofContext = {
    ...options,
    dataDir: data ?? '',
    secondsLeft: () => seconds - (performance.now() - begunMs) / 1000,
  };
  await steps[step](context, (finding) => {
    if ('problem' in finding) process.exitCode = 1;
    print(finding);
  });
}

/** Ours and PyTorch are to compute on one card: the first of those that are visible, by its name. */
function pinCard(env: NodeJS.ProcessEnv): void {
  const visible = visibleGpus(env['CUDA_VISIBLE_DEVICES']).slice(0, 1);
  Object.assign(env, { CUDA_VISIBLE_DEVICES: visible.join(), CUDA_DEVICE_ORDER: 'PCI_BUS_ID' });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  process.stderr.write(`${error.stack}\n`);
  print({ problem: error.message });
  process.exitCode = 1;
}
