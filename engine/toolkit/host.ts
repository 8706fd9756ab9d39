/** The graph host that a run's specification asks for. */
import type { RunSpec } from '../../experiment/kinds/index.js';
import { bfloat16Host } from '../../numerics/graph/bfloat16.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { eagerHost } from '../../numerics/graph/eager.js';

/** Captured graphs unless it asks for eager kernels, which know no bfloat16. */
export function hostFor(spec: RunSpec, captured: GraphHost): GraphHost {
  if (!('dataset' in spec)) return captured;
  if (spec.engine === 'eager') return eagerHost;
  return spec.precision === 'bfloat16' ? bfloat16Host(captured) : captured;
}
