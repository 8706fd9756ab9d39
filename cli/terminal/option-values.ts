/** Parses option values; a wrong one is a usage error that names the option. */
import { InvalidArgumentError } from 'commander';

/** From 1. */
export function positiveInteger(text: string): number {
  return integerFrom(1, text);
}

/** From 0. */
export function wholeNumber(text: string): number {
  return integerFrom(0, text);
}

function integerFrom(least: number, text: string): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new InvalidArgumentError(`It must be a whole number from ${least} to 999999999.`);
}

export function days(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 10_000) return value;
  throw new InvalidArgumentError('It must be a number of days from 0 to 10000.');
}

/** From 0 to 1. */
export function unitNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be a number from 0 to 1.');
}
