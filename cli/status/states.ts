/** Names, order and colours of states, the same in every command. */
import { stdoutColours, type Colours } from '../terminal/colours.js';

const painters: Readonly<Record<string, (colours: Colours) => (text: string) => string>> = {
  done: (c) => c.green,
  cached: (c) => c.green,
  running: (c) => c.cyan,
  failed: (c) => c.red,
  stale: (c) => c.yellow,
  paused: (c) => c.yellow,
  blocked: (c) => c.yellow,
  interrupted: (c) => c.yellow,
  cancelled: (c) => c.yellow,
};

export function paintState(state: string, colours: Colours = stdoutColours): string {
  return painters[state]?.(colours)(state) ?? state;
}

const order = [
  ...['done', 'cached', 'stale', 'running', 'queued', 'paused', 'new', 'failed', 'blocked'],
  ...['interrupted', 'cancelled', 'unknown'],
];

export function countStates(states: Iterable<string>): Readonly<Record<string, number>> {
  const found = new Map<string, number>();
  for (const state of states) found.set(state, (found.get(state) ?? 0) + 1);
  return Object.fromEntries(
    order.flatMap((state) => (found.has(state) ? [[state, found.get(state)!]] : [])),
  );
}

export function sumCounts(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** `3 done, 1 running, 9 queued`, in a fixed order. */
export function describeCounts(counts: Readonly<Record<string, number>>): string {
  return order.flatMap((state) => (counts[state] ? [`${counts[state]} ${state}`] : [])).join(', ');
}
