/** When Lanczos has steps enough for both ends of a spectrum. */

export const twoEndsReason = 'both ends need at least as many Lanczos steps: raise maxSteps';

interface Ends {
  readonly top?: number | undefined;
  readonly maxSteps: number;
}

export function twoEndsFit({ top = 0, maxSteps }: Ends): boolean {
  return 2 * top <= maxSteps;
}
