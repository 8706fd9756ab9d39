/** Quantised training, as specifications of runs hold it. */

/** Values that a quantised weight may have, up to the scale that its group shares. */
export type QuantisationGrid =
  | { readonly scheme: 'binary' }
  /** `exact`: least squares; `twn`, `published`: by a threshold of 0.7 times the mean magnitude. */
  | { readonly scheme: 'ternary'; readonly variant: 'exact' | 'twn' | 'published' }
  /** 2^bits - 1 equally spaced values around 0. */
  | { readonly scheme: 'uniform'; readonly bits: number };

/** A scale for each tensor, or for each output channel. */
export type ScaleGroup = 'tensor' | 'channel';

/** How tensors are quantised. */
export interface Quantiser {
  readonly grid: QuantisationGrid;
  readonly per: ScaleGroup;
}

export interface QuantisationSpec extends Quantiser {
  /** Names of the parameters that are quantised. */
  readonly weights: readonly string[];
  /** Binary-Relax; absent: quantised weights in the forward pass from the first step on. */
  readonly relaxation?: Relaxation;
}

/** η = start · growth^epoch before `hard` of the steps; the quantised weights from there on. */
interface Relaxation {
  readonly start: number;
  readonly growth: number;
  readonly hard: number;
}
