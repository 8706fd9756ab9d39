/** States in words and colours, the same in every command. */
import pc from 'picocolors';

type Colours = ReturnType<typeof pc.createColors>;

const painters: Readonly<Record<string, (colours: Colours) => (text: string) => string>> = {
  done: (c) => c.green,
  cached: (c) => c.green,
  running: (c) => c.cyan,
  failed: (c) => c.red,
  blocked: (c) => c.yellow,
  interrupted: (c) => c.yellow,
  cancelled: (c) => c.yellow,
};

export function paintState(state: string, colours: Colours = pc): string {
  return painters[state]?.(colours)(state) ?? state;
}

/** `3 done, 1 running, 9 queued`, in a fixed order. */
export function countStates(states: Iterable<string>): Readonly<Record<string, number>> {
  const order = [
    ...['done', 'cached', 'running', 'queued', 'new', 'failed', 'blocked', 'interrupted'],
    ...['cancelled', 'unknown'],
  ];
  const all = [...states];
  const counted = order.map((state) => [state, all.filter((s) => s === state).length] as const);
  return Object.fromEntries(counted.filter(([, count]) => count > 0));
}

export function describeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
