/** The smallest thing an eigenvalue method needs to know of a matrix, and how the two meet. */
import type { Pause } from '../../evaluation/batched.js';

/** A symmetric matrix A [size, size], known by its products alone. */
export interface SymmetricOperator {
  /** Rows and columns. */
  readonly size: number;
  /** A v for v [size]; must not change v. The result is the caller's own. */
  matvec(v: Float64Array): Float64Array;
}

/** One whose product is long work, over a data set, that others may interrupt. */
export interface SlowOperator {
  readonly size: number;
  matvec(v: Float64Array): Promise<Float64Array>;
}

/** One of which several products at once cost less than one after the other. */
export interface MultiVectorOperator extends SlowOperator {
  /** A v for each of the vectors [size], in their order. */
  matvecs(vectors: readonly Float64Array[]): Promise<Float64Array[]>;
}

/** Operators of one size that multiply in one go, such as the blocks of a batch's input Hessian. */
export interface BlockOperator {
  readonly count: number;
  /** Rows and columns of each block. */
  readonly size: number;
  /** A_i v_i for each block with a vector, in the order of the blocks; the results are the caller's own. */
  matvecs(vectors: readonly (Float64Array | null)[]): (Float64Array | null)[];
}

/**
 * A method that learns of its matrix by products alone: it yields a vector v, which stays its own,
 * and is resumed with A v, which becomes its own. So one text of a method serves operators of every kind.
 */
export type ProductMethod<Result> = Generator<Float64Array, Result, Float64Array>;

/** Runs a method to its end on one operator. */
export function solve<Result>(operator: SymmetricOperator, method: ProductMethod<Result>): Result {
  let step = method.next();
  while (!step.done) step = method.next(operator.matvec(step.value));
  return step.value;
}

/** The same where each product is asynchronous. */
export async function solveSlowly<Result>(
  operator: SlowOperator,
  method: ProductMethod<Result>,
): Promise<Result> {
  let step = method.next();
  while (!step.done) step = method.next(await operator.matvec(step.value));
  return step.value;
}

/**
 * One method per block, all advancing at once: a round of products serves every method that has
 * not ended. Pauses after each round.
 */
export async function solveTogether<Result>(
  operator: BlockOperator,
  methods: readonly ProductMethod<Result>[],
  pause: Pause,
): Promise<Result[]> {
  let steps = methods.map((method) => method.next());
  while (steps.some(({ done }) => !done)) {
    const products = operator.matvecs(steps.map((step) => (step.done ? null : step.value)));
    steps = steps.map((step, i) => (step.done ? step : methods[i]!.next(products[i]!)));
    await pause();
  }
  return steps.map((step) => step.value as Result);
}

/**
 * `count` methods on one operator, of which `together` advance at once: a round of products serves every method
 * of its group that has not ended. Results in the order of the methods.
 */
export async function solveInGroups<Result>(
  operator: MultiVectorOperator,
  count: number,
  together: number,
  method: (index: number) => ProductMethod<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < count; from += together) {
    const size = Math.min(together, count - from);
    const group = Array.from({ length: size }, (_, i) => method(from + i));
    results.push(...(await solveGroup(operator, group)));
  }
  return results;
}

async function solveGroup<Result>(
  operator: MultiVectorOperator,
  methods: readonly ProductMethod<Result>[],
): Promise<Result[]> {
  const steps = methods.map((method) => method.next());
  for (;;) {
    const open = steps.flatMap((step, i) => (step.done ? [] : [{ i, vector: step.value }]));
    if (open.length === 0) return steps.map((step) => step.value as Result);
    const products = await operator.matvecs(open.map(({ vector }) => vector));
    open.forEach(({ i }, place) => (steps[i] = methods[i]!.next(products[place]!)));
  }
}
