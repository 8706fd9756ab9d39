/** Computes runs that need no engine: in the worker, from the database. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FailedRunError } from '../engine/failures.js';
import type { RunSpec, SpecOf, WorkerKind } from '../experiment/kinds/index.js';
import type { ProbeSpec } from '../experiment/kinds/probe.js';
import type { StrongestSpec } from '../experiment/kinds/strongest.js';
import type { SummarySpec } from '../experiment/kinds/summary.js';
import type { Role } from '../experiment/specs/role.js';
import { hasOwn } from '../experiment/own.js';
import type { MetricRow, RunInput } from '../experiment/records/records.js';
import type { PlannedRun } from '../experiment/records/runs.js';
import { rows } from '../experiment/records/rows.js';
import type { BlobStore } from '../stores/blobs/blob-store.js';
import { decodeSafetensors } from '../stores/formats/safetensors.js';
import type { ResultsStore } from '../stores/results/results-store.js';
import { checkCertificates, readCertifiedImages } from './check-certificates.js';
import { choosePoint } from './choose-point.js';
import { readAttackedImages, strongestErrors } from './strongest-attack.js';
import { summarisePath } from './summarise-path.js';

/** Context of a body that the worker itself computes. */
export interface WorkerContext {
  readonly results: Pick<ResultsStore, 'metricsOf'>;
  readonly blobs: Pick<BlobStore, 'get'>;
  readonly inputs: readonly RunInput[];
  readonly signal: AbortSignal;
}

type WorkerBody<Spec> = (spec: Spec, context: WorkerContext) => Promise<readonly MetricRow[]>;

/** The body of every kind of run that the worker itself computes: a missing one is a type error. */
const bodies: { readonly [K in WorkerKind]: WorkerBody<SpecOf<K>> } = {
  strongest: computeStrongest,
  summary: computeSummary,
  probe: computeProbe,
};

export async function computeInWorker(
  { name, spec }: PlannedRun,
  context: WorkerContext,
): Promise<readonly MetricRow[]> {
  if (isForWorker(spec)) return compute(spec.kind, spec, context);
  const message = `${name}: ${spec.kind} runs need an engine; plan them on the gpu queue`;
  throw new FailedRunError({ type: 'bad-input', message });
}

function isForWorker(spec: RunSpec): spec is SpecOf<WorkerKind> {
  return hasOwn(bodies, spec.kind);
}

function compute<K extends WorkerKind>(kind: K, spec: SpecOf<K>, context: WorkerContext) {
  return bodies[kind](spec, context);
}

async function computeStrongest(
  { groups, certified = [] }: StrongestSpec,
  { blobs, inputs }: WorkerContext,
): Promise<readonly MetricRow[]> {
  const read = async (role: Role, output: string) => {
    const ref = inputs.find((input) => input.role === role)?.outputs[output];
    if (ref === undefined) throw new Error(`${role} left no ${output}`);
    return decodeSafetensors(await blobs.get(ref));
  };
  const readOutcomes = async (name: string) =>
    readAttackedImages(await read(`attack:${name}`, 'outcomes'));
  const found: MetricRow[] = [];
  for (const names of groups) {
    found.push(...strongestErrors(names, await Promise.all(names.map(readOutcomes))));
  }
  for (const claim of certified) {
    const certificates = await read(`certificate:${claim.certificate}`, 'certificates');
    const images = readCertifiedImages(certificates, claim.epsilon);
    const attacks = await Promise.all(
      claim.attacks.map(async (name) => [name, await readOutcomes(name)] as const),
    );
    found.push(...checkCertificates(claim, images, attacks));
  }
  return found;
}

async function computeSummary(
  { choice }: SummarySpec,
  { results, inputs }: WorkerContext,
): Promise<readonly MetricRow[]> {
  const metrics = await results.metricsOf(inputs.map((input) => input.run));
  const measured = inputs.map(({ role, run: key }) => ({ role, rows: metrics.get(key) ?? [] }));
  const chosen = choice === undefined ? [] : choosePoint(measured, choice.margin);
  return [...summarisePath(measured), ...chosen];
}

async function computeProbe(
  { index, sleepMs, fails }: ProbeSpec,
  { signal }: WorkerContext,
): Promise<readonly MetricRow[]> {
  if (sleepMs > 0) await sleep(sleepMs, undefined, { signal });
  if (fails) {
    const message = `probe ${index} was asked to fail`;
    throw new FailedRunError({ type: 'bad-input', message });
  }
  return rows('probe', { x: 0, n: 1 }, { probe_index: index });
}
