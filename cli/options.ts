/** Parts that several commands share: how they are declared, arguments and options. */
import { Option, type Command } from 'commander';

export const idArgument =
  'experiment id or a prefix of it, its file (.yaml), or its name (the newest)';

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

/** A command with the options that every one has. */
export function declare(program: Command, nameAndArguments: string, description: string): Command {
  return program
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'machine-readable data on standard output')
    .option('--verbose', 'print stack traces of errors');
}
