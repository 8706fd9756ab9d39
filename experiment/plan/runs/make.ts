/** How the parts of a plan make runs: with the key, and the path that they belong to. */
import type { PlannedRun } from '../../records/runs.js';

export type Make = (part: Omit<PlannedRun, 'key' | 'curve'>) => PlannedRun;
