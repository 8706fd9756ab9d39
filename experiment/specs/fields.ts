/** Fields that the specifications of several kinds of run share. */
import type { DatasetSpec } from '../catalogue/own-dataset.js';
import type { ModelSpec } from '../catalogue/models/index.js';

/** How graphs are computed; what is absent is float32 in captured graphs. */
export interface Numerics {
  readonly precision?: 'bfloat16' | 'tf32';
  readonly engine?: 'eager';
}

export interface Shared extends Numerics {
  readonly dataset: DatasetSpec;
  readonly model: ModelSpec;
  readonly seed: number;
}

/** Which weights a point t stands for: the fitted curve's, the straight line's between the ends, or one endpoint's. */
export type PathKind = 'curve' | 'line' | 'point';
