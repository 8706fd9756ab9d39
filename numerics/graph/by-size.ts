/** One function compiled for each size of batch that occurs. */
import type { CompiledFunction } from './compile.js';

export interface BySize {
  /** Throws for a size it was not made for. */
  at(size: number): CompiledFunction;
  dispose(): void;
}

export function compileBySize(
  sizes: readonly number[],
  make: (size: number) => CompiledFunction,
): BySize {
  const compiled = new Map<number, CompiledFunction>();
  const dispose = (): void => compiled.forEach((f) => f.dispose());
  try {
    for (const size of new Set(sizes)) compiled.set(size, make(size));
  } catch (error) {
    dispose();
    throw error;
  }
  const at = (size: number): CompiledFunction => {
    const found = compiled.get(size);
    if (found === undefined) throw new Error(`nothing is compiled for batches of ${size}`);
    return found;
  };
  return { at, dispose };
}
