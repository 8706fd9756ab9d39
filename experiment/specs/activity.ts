/** The Temporal activity type that every worker knows, of an older version too. */

/** Runs small enough for the worker itself share it. */
export const commonActivity = 'executeRuns';
