/** Lets at most `size` tasks run at once; the others wait their turn in order. */
export type Window = <T>(task: () => Promise<T>) => Promise<T>;

export function createWindow(size: number): Window {
  let free = size;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
