/** One job to its outputs: each kind of run has its body in a file of its own. */
import type { EngineJob, Outputs } from '../../experiment/records/records.js';
import type { RunSpec } from '../../experiment/records/runs.js';
import { bfloat16Host } from '../../numerics/graph/bfloat16.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { eagerHost } from '../../numerics/graph/eager.js';
import { addNoise } from './noise.js';
import { attackPath } from './attack.js';
import type { EngineContext } from '../toolkit/context.js';
import { ensemblePath } from './ensemble/ensemble.js';
import { evaluatePath } from './evaluation/evaluation.js';
import { fitCurve } from './curve.js';
import { injectFaults } from './injection.js';
import { inputSpectra } from './spectrum/input-spectra.js';
import { takePoint } from './curve-point.js';
import { transferPath } from './transfer.js';
import { trainEndpoint } from './endpoint.js';
import { weightSpectra } from './spectrum/weight-spectra.js';

/** Computes one run in an engine; every tensor it makes is freed, whatever happens. */
export async function executeRun(job: EngineJob, engine: EngineContext): Promise<Outputs> {
  const { spec } = job.run;
  const context = { ...engine, host: hostFor(spec, engine.host) };
  switch (spec.kind) {
    case 'endpoint':
      return trainEndpoint(spec, job.inputs, context);
    case 'injection':
      return injectFaults(spec, job.inputs, context);
    case 'noise':
      return addNoise(spec, job.inputs, context);
    case 'curve-point':
      return takePoint(spec, job.inputs, context);
    case 'curve':
      return fitCurve(spec, job.inputs, context);
    case 'evaluation':
      return evaluatePath(spec, job.inputs, context);
    case 'attack':
      return attackPath(spec, job.inputs, context);
    case 'spectrum':
      return spec.variable === 'inputs'
        ? inputSpectra(spec, job.inputs, context)
        : weightSpectra(spec, job.inputs, context);
    case 'transfer':
      return transferPath(spec, job.inputs, context);
    case 'ensemble':
      return ensemblePath(spec, job.inputs, context);
    case 'summary':
    case 'probe':
      throw new Error(`${job.run.name}: the worker itself computes these, not an engine`);
    default:
      throw new Error(`unknown kind of run ${JSON.stringify(spec satisfies never)}`);
  }
}

/** What the run computes with. Eager kernels know no bfloat16. */
function hostFor(spec: RunSpec, captured: GraphHost): GraphHost {
  if (!('dataset' in spec)) return captured;
  if (spec.engine === 'eager') return eagerHost;
  return spec.precision === 'bfloat16' ? bfloat16Host(captured) : captured;
}
