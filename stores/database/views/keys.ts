/** Columns that identify the rows of several views. */
import { key } from './view.js';

export const experiment = key('experiment', 'er."experiment"');
export const curve = key('curve', 'er."curve"');
export const name = key('name', 'er."name"', "The run's name in this experiment.");
export const t = key('t', 'm."x"', 'Position on the path, 0 at the start and 1 at the end.');
export const path = key(
  'path',
  `r."spec"->>'path'`,
  'curve: the fitted curve; line: the straight line between the same ends.',
);
/** Part `n` of the name of a series: 2 is the member of a family, such as the attack of `strongest_error:A+B`. */
export function seriesPart(n: number): string {
  return `split_part(m."series", ':', ${n})`;
}

/** The member of a family; null for the series itself. */
export const familyMember = `nullif(${seriesPart(2)}, '')`;
/** Third part of the run's name without its case: the entry of a section, such as `pgd-10` of `attack/A-B/pgd-10@seed=1`. */
export const entryOfRun = `split_part(split_part(er."name", '@', 1), '/', 3)`;
