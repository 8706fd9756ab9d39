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

/** GPU architectures: sm_90 is machine code, compute_90 PTX. */
export function architectures(text: string): readonly string[] {
  const names = text.split(',');
  if (names.every((name) => /^(sm|compute)_\d{2,3}$/.test(name))) return names;
  throw new InvalidArgumentError(
    'It must be a list of architectures such as sm_90 or sm_80,sm_90.',
  );
}

const unitBytes: Readonly<Record<string, number>> = { M: 1e6, G: 1e9 };

/** Bytes of a part of an archive: parts have three digits, and no archive has 1000 of a megabyte. */
export function partBytes(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,5})([MG])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return Number(count) * unitBytes[unit]!;
  throw new InvalidArgumentError('It must be a size such as 57M or 2G (10^6 and 10^9 bytes).');
}

/** Between 0 and 1, without either. */
export function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be a fraction between 0 and 1, such as 0.2.');
}

export function commaList(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim());
}
