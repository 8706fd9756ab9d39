/** Where the time of a unit of work goes, and what of it keeps the processor from its peak. */
import { groups, productGroups, type Group, type GroupSum } from './verbose.js';

export type Part = Group | 'outside oneDNN';

export interface Share {
  readonly part: Part;
  /** Of the time, 0 to 1. */
  readonly share: number;
  /** Of the peak while it runs, 0 to 1; null for what is no product. */
  readonly efficiency: number | null;
}

/**
 * Shares of the wall time. Primitives of two graph nodes may run at the same time, each slower: where their times add
 * up to more than the wall time, shares are of the sum, and nothing is left outside.
 */
export function timeShares(
  sums: ReadonlyMap<Group, GroupSum>,
  wallMs: number,
  peak: number,
): readonly Share[] {
  const inside = [...sums.values()].reduce((total, { ms }) => total + ms, 0);
  const whole = Math.max(wallMs, inside);
  const overlap = inside > wallMs ? wallMs / inside : 1;
  const shares = groups.map((part): Share => {
    const { ms, operations } = sums.get(part) ?? { ms: 0, operations: 0 };
    const counted = productGroups.has(part) && ms > 0;
    const efficiency = counted ? operations / ((ms * overlap * peak) / 1000) : null;
    return { part, share: ms / whole, efficiency };
  });
  return [...shares, { part: 'outside oneDNN', share: 1 - inside / whole, efficiency: null }];
}

/** The two parts that cost most above an ideal processor, which would need no time for anything but products. */
export function hindrances(shares: readonly Share[]): string {
  const lost = shares.map((one) => ({
    ...one,
    lost: one.share * (1 - Math.min(1, one.efficiency ?? 0)),
  }));
  lost.sort((a, b) => b.lost - a.lost);
  return lost
    .slice(0, 2)
    .filter((one) => one.lost >= 0.05)
    .map(describe)
    .join('; ');
}

function describe({ part, share, efficiency }: Share): string {
  const time = `${percent(share)} of the time`;
  if (efficiency === null) return `${time} ${part === 'outside oneDNN' ? 'is ' : 'in '}${part}`;
  return `${part} at ${percent(efficiency)} of the peak for ${time}`;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
