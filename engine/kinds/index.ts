/** The body of every kind of run that an engine computes: a missing one is a type error. */
import { hasOwn } from '../../experiment/own.js';
import type { EngineKind, RunSpec, SpecOf } from '../../experiment/kinds/index.js';
import type { EngineJob, Outputs } from '../../experiment/records/records.js';
import type { Body } from '../toolkit/body.js';
import type { EngineContext } from '../toolkit/context.js';
import { refuseOtherPrecision } from '../gpu/require-gpu.js';
import { hostFor } from '../toolkit/host.js';
import { attackPath } from './attack.js';
import { measureConvergence } from './convergence.js';
import { certifyPath } from './certificate.js';
import { fitCurve } from './curve.js';
import { takePoint } from './curve-point.js';
import { detectByDistance } from './detection/detection.js';
import { trainEndpoint } from './endpoint.js';
import { ensemblePath } from './ensemble/ensemble.js';
import { evaluatePath } from './evaluation/evaluation.js';
import { importNetwork } from './import.js';
import { injectFaults } from './injection.js';
import { addNoise } from './noise.js';
import { measureSpectrum } from './spectrum/spectrum.js';
import { transferPath } from './transfer.js';
import { ascendTwoLayer } from './two-layer.js';

export type Bodies = { readonly [K in EngineKind]: Body<SpecOf<K>> };

export const bodies: Bodies = {
  endpoint: trainEndpoint,
  curve: fitCurve,
  injection: injectFaults,
  noise: addNoise,
  'curve-point': takePoint,
  import: importNetwork,
  evaluation: evaluatePath,
  attack: attackPath,
  spectrum: measureSpectrum,
  transfer: transferPath,
  ensemble: ensemblePath,
  convergence: measureConvergence,
  detection: detectByDistance,
  certificate: certifyPath,
  'two-layer': ascendTwoLayer,
};

/** Computes one run in an engine; throws for a kind that the worker itself computes. */
export async function executeRun(job: EngineJob, engine: EngineContext): Promise<Outputs> {
  const { spec, name } = job.run;
  if (!isForEngine(spec)) throw new Error(`${name}: no engine computes runs of kind ${spec.kind}`);
  refuseOtherPrecision(spec, name, engine.environment);
  return execute(spec.kind, spec, job, { ...engine, host: hostFor(spec, engine.host) });
}

function isForEngine(spec: RunSpec): spec is SpecOf<EngineKind> {
  return hasOwn(bodies, spec.kind);
}

function execute<K extends EngineKind>(
  kind: K,
  spec: SpecOf<K>,
  { inputs }: EngineJob,
  context: EngineContext,
): Promise<Outputs> {
  return bodies[kind](spec, inputs, context);
}
