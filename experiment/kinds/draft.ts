/** Runs as a kind drafts them, and the paths that it drafts them along. */
import type { CurveConfig } from '../config/curve.js';
import type { BonafideSet } from '../specs/data.js';
import type { PathFields } from '../specs/path.js';
import type { Role } from '../specs/role.js';
import type { RunName } from '../specs/run-name.js';

/** The need of another run, which must have been planned before. */
export interface DraftNeed {
  readonly role: Role;
  readonly name: RunName;
}

/** A run without its key. */
export interface Draft<Spec> {
  readonly name: RunName;
  /** One short line for people: Temporal UI, progress, tables. */
  readonly summary: string;
  readonly needs: readonly DraftNeed[];
  readonly spec: Spec;
  /** The role that it plays for the summary of its path; absent: none. */
  readonly summarisedAs?: Role;
}

/** One path, as its measurements see it. */
export interface PathScope {
  readonly path: 'curve' | 'line';
  /** Name of the curve; of a straight line, that of the curve it is named after. */
  readonly name: string;
  readonly curve: CurveConfig;
  /** For people: `A-B`, or `straight line A-B`. */
  readonly title: string;
  /** Both ends, and the fit of a fitted path. */
  readonly needs: readonly DraftNeed[];
  /** Endpoints with injected faults that the ends were made of. */
  readonly injections: readonly DraftNeed[];
  /** Bonafide images of which some are held out to choose t; null: none are. */
  readonly validation: BonafideSet | null;
  /** Runs planned on this path before that its summary takes up. */
  readonly measured: readonly DraftNeed[];
  /** Fields of a specification that measures at these t. */
  readonly along: (t: readonly number[]) => PathFields;
  /** Name of a run about this path: `evaluation/A-B`, `evaluation/A-B/line`. */
  readonly runName: (prefix: string) => RunName;
}
