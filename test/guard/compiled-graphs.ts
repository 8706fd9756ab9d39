/** The digests of the graphs that runs compile, each distinct run carried out once, in small. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineContext } from '../../engine/toolkit/context.js';
import { noCheckpoints } from '../../engine/toolkit/context.js';
import { executeRun } from '../../engine/kinds/index.js';
import { canonical } from '../../experiment/canonical.js';
import { modelTitle } from '../../experiment/catalogue/models/index.js';
import type { Plan } from '../../experiment/plan/plan.js';
import type { Outputs } from '../../experiment/records/records.js';
import type { PlannedRun, RunKey } from '../../experiment/records/runs.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { startTensorFlow } from '../../engine/process/tensorflow.js';
import { sha256 } from './golden.js';
import { recordingHost } from './recording-host.js';
import { shrink } from './shrink.js';
import { replaceDatasets } from './tiny-data.js';

const dataDir = mkdtempSync(join(tmpdir(), 'isthmus-guard-'));
const { host } = await startTensorFlow('cpu');
const blobs = memoryBlobs();

interface CarriedOut {
  readonly outputs: Outputs;
  readonly graphs: ReadonlySet<string>;
}

const carriedOut = new Map<string, CarriedOut>();

/** To be called when everything is planned: plans go by the real data sets. */
export function prepareData(): void {
  replaceDatasets(dataDir);
}

export function removeData(): void {
  rmSync(dataDir, { recursive: true });
}

/** Digests by kind and model, for the runs of the plan that an engine computes. */
export async function compiledGraphs(
  plan: Plan,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const outputs = new Map<RunKey, Outputs>();
  const graphs = new Map<string, Set<string>>();
  for (const run of plan.runs) {
    const spec = shrink(run.spec);
    if (spec === null) continue;
    const done = await carryOut({ ...run, spec }, outputs);
    outputs.set(run.key, done.outputs);
    const group = `${spec.kind} ${modelTitle(spec.model)}`;
    graphs.set(group, new Set([...(graphs.get(group) ?? []), ...done.graphs]));
  }
  return graphs;
}

/** Carries out one of two runs that differ in their inputs' values alone. */
async function carryOut(
  run: PlannedRun,
  outputs: ReadonlyMap<RunKey, Outputs>,
): Promise<CarriedOut> {
  const identity = canonical({ spec: run.spec, roles: run.needs.map(({ role }) => role) });
  const known = carriedOut.get(identity);
  if (known) return known;
  const graphs = new Set<string>();
  const inputs = run.needs.map((need) => ({ ...need, outputs: outputs.get(need.run)! }));
  // No image is misclassified, then all faults have taken: the goal is reached at once.
  const answer = (n: number) => (run.spec.kind === 'injection' && n > 0 ? 1 : 0);
  const recording = recordingHost({
    found: (digest) => graphs.add(digest),
    captured: host,
    answer,
  });
  const given = await executeRun({ run, epoch: 1, inputs }, { ...context, host: recording });
  const done = { outputs: given, graphs };
  carriedOut.set(identity, done);
  return done;
}

const context: Omit<EngineContext, 'host'> = {
  ...{ blobs, dataDir, checkpoints: noCheckpoints },
  environment: {
    ...{ isthmus: '0', node: '0', tensorflow: '0', tfjs: '0', device: 'cpu', cpu: '0' },
    threads: 1,
  },
  signal: new AbortController().signal,
  progress: () => undefined,
  metrics: () => undefined,
  pause: () => Promise.resolve(),
};

function memoryBlobs(): BlobStore {
  const held = new Map<string, Uint8Array>();
  const refuse = () => Promise.reject(new Error('a run writes no manifest'));
  return {
    put(bytes) {
      const digest = sha256(bytes);
      held.set(digest, bytes);
      return Promise.resolve({ digest, bytes: bytes.length });
    },
    get: ({ digest }) => Promise.resolve(held.get(digest)!),
    has: ({ digest }) => Promise.resolve(held.has(digest)),
    putManifest: refuse,
    getManifest: refuse,
  };
}
