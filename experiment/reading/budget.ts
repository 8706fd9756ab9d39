/** How much a file may hold together with all that it extends, so that every file is answered at once. */

/** Bytes in one file. */
export const mostBytes = 5_000_000;
/** Maps and lists inside each other. */
export const mostDepth = 64;

const most = {
  tokens: 500_000,
  values: 300_000,
  files: 100,
};

const reasons: Readonly<Record<keyof typeof most, string>> = {
  tokens: `more than ${most.tokens} words and signs; what repeats goes into a sweep or under defaults`,
  values: `its aliases make more than ${most.values} values of it; what repeats goes into a sweep or under defaults`,
  files: `more than ${most.files} files are extended here, one by another`,
};

/** Counts one, or `n`; the reason once it is too much, else null. */
export type Spend = (what: keyof typeof most, n?: number) => string | null;

export function createBudget(): Spend {
  const spent = { tokens: 0, values: 0, files: 0 };
  return (what, n = 1) => {
    spent[what] += n;
    return spent[what] > most[what] ? reasons[what] : null;
  };
}
