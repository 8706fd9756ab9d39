/** Waits for what other processes bring about, as long as a busy machine may need. */
import { expect } from 'vitest';

const timeout = 30_000;

export function eventually<T>(read: () => T | Promise<T>) {
  return expect.poll(read, { timeout, interval: 50 });
}
