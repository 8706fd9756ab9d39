/** Precision of matrix products in an engine process: which of its runs can share one. */
import type { RunSpec } from '../kinds/index.js';

/** NVIDIA's libraries round inputs of float32 products to TF32, or not, for the life of a process. */
export type ProductPrecision = 'float32' | 'tf32';

/** bfloat16 is a matter of the graph: such runs want an engine that computes the rest of it in float32. */
export function productPrecision(spec: RunSpec): ProductPrecision {
  return 'precision' in spec && spec.precision === 'tf32' ? 'tf32' : 'float32';
}
