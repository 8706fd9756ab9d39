/** One job to its outputs: each kind of run has its body in a file of its own. */
import type { EngineJob, Outputs } from '../../experiment/records.js';
import { attackPath } from './attack-path.js';
import type { EngineContext } from './context.js';
import { evaluatePath } from './evaluate-path.js';
import { fitCurve } from './fit-curve.js';
import { inputSpectra } from './input-spectra.js';
import { trainEndpoint } from './train-endpoint.js';

/** Computes one run in an engine; every tensor it makes is freed, whatever happens. */
export async function executeRun(job: EngineJob, context: EngineContext): Promise<Outputs> {
  const { spec } = job.run;
  switch (spec.kind) {
    case 'endpoint':
      return trainEndpoint(spec, context);
    case 'curve':
      return fitCurve(spec, job.inputs, context);
    case 'evaluation':
      return evaluatePath(spec, job.inputs, context);
    case 'attack':
      return attackPath(spec, job.inputs, context);
    case 'spectrum':
      return inputSpectra(spec, job.inputs, context);
    case 'summary':
    case 'probe':
      throw new Error(`${job.run.name}: the worker itself computes these, not an engine`);
    default:
      throw new Error(`unknown kind of run ${JSON.stringify(spec satisfies never)}`);
  }
}
