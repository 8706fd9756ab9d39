/** One case of an experiment that is swept as a whole: its values on the axes, and the changes they make. */
import type { Change } from './paths.js';

export interface SweptCase {
  /** The axes and their values, as names show them. */
  readonly at: Readonly<Record<string, string>>;
  /** Axes that the name of the case stands for. */
  readonly named: readonly string[];
  readonly as: string | null;
  /** What the first case's configuration lacks to be this one's. */
  readonly set: readonly Change[];
}
