/** Options that several commands share. */
import { Option } from 'commander';

/** Programs are given everything by --json. */
export function wideOption(...others: readonly string[]): Option {
  const option = new Option('--wide', 'do not shorten lines to the width of the terminal');
  return option.conflicts(['json', ...others]);
}

export function noWait(...conflicts: string[]): Option {
  return new Option('--no-wait', 'return as soon as it has started').conflicts(conflicts);
}

export function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
