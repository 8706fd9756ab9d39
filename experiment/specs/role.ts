/**
 * Roles a run can play for the run that needs it. Summaries name attacks `attack:<name>` and their convergence
 * `convergence:<name>`, worst cases certificates `certificate:<name>`; evaluations name the endpoints whose injected
 * faults they look for `injection:<endpoint>`.
 */
export type Role =
  | 'start'
  | 'end'
  | 'curve'
  | 'evaluation'
  | 'spectrum'
  | 'probe'
  | 'from'
  | 'other'
  | `attack:${string}`
  | `convergence:${string}`
  | `certificate:${string}`
  | `injection:${string}`;
