// Bodies of runs carried out in this process, with real MNIST and a real object store, on a small study.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { executeRun } from '../../engine/kinds/index.js';
import { noCheckpoints, type EngineContext } from '../../engine/toolkit/context.js';
import { parseExperimentWith } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import type { MetricRow, Outputs } from '../../experiment/records/records.js';
import { loadSettings } from '../../settings/settings.js';
import { createBlobStore } from '../../stores/blobs/s3-blob-store.js';
import { startTensorFlow } from '../../engine/process/tensorflow.js';
import { stackEnv } from '../stack.js';

export const settings = loadSettings(stackEnv());
export const tensorflow = await startTensorFlow('cpu');
const study = join(import.meta.dirname, '../end-to-end/study.yaml');

export function planOf(...assignments: string[]) {
  const config = parseExperimentWith(readFileSync(study, 'utf8'), 'study.yaml', assignments);
  return planExperiment(config, (text) => createHash('sha256').update(text).digest('hex'));
}

export function contextOf(
  rows: MetricRow[],
  signal: AbortSignal,
  dataDir = settings.dataDir,
): EngineContext {
  return {
    blobs: createBlobStore(settings.s3),
    host: tensorflow.host,
    dataDir,
    environment: {
      ...{ isthmus: '0', node: '0', tensorflow: '0', tfjs: '0', device: 'cpu', cpu: '0' },
      threads: 1,
    },
    signal,
    checkpoints: noCheckpoints,
    progress: () => undefined,
    metrics: (more) => void rows.push(...more),
    pause: () => (signal.aborted ? Promise.reject(new Error('stopped')) : Promise.resolve()),
  };
}

export const small = [
  ...['A', 'B', 'C'].map((name) => `endpoints.${name}.batchSize=2048`),
  ...['A-B', 'A-C'].map((name) => `curves.${name}.batchSize=4096`),
  'evaluation.points=2',
];

/** Outputs by run key, of what was computed already. */
export const done = new Map<string, Outputs>();

/** One run of the plan after all that it needs, as far as another test has not done that already. */
export async function measured(name: string, assignments: readonly string[]) {
  const plan = planOf(...small, ...assignments);
  const wanted = plan.runs.find((run) => run.name === name)!;
  const needed = plan.runs.filter(({ key }) => wanted.needs.some(({ run }) => run === key));
  const rows: MetricRow[] = [];
  for (const run of [...needed, wanted]) {
    if (run !== wanted && done.has(run.key)) continue;
    const inputs = run.needs.map((need) => ({ ...need, outputs: done.get(need.run)! }));
    const context = contextOf(rows, new AbortController().signal);
    done.set(run.key, await executeRun({ run, epoch: 1, inputs }, context));
  }
  return { rows, outputs: done.get(wanted.key)! };
}
