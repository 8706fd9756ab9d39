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
