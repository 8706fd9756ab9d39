/** The smallest thing an eigenvalue method needs to know of a matrix. */
export interface SymmetricOperator {
  /** Rows and columns. */
  readonly size: number;
  /** A v for v [size]; must not change v. */
  matvec(v: Float64Array): Float64Array;
}
