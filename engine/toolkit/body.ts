/** The body of a kind of run: computes one run in an engine. */
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import type { EngineContext } from './context.js';

/** Every tensor that it makes is freed, whatever happens. */
export type Body<Spec> = (
  spec: Spec,
  inputs: readonly RunInput[],
  context: EngineContext,
) => Promise<Outputs>;
