/** The page about the command line, from the program itself. */
import type { Command, Option } from 'commander';
import { exitCodes } from '../../cli/terminal/exit-codes.js';
import { code, page, sentence, table } from './markdown.js';

const common = ['--json', '--verbose'];

function optionRows(options: readonly Option[]): string {
  return table(
    ['option', 'meaning', 'default'],
    options.map(({ flags, description, defaultValue }) => [
      ...[code(flags), description],
      defaultValue === undefined || Array.isArray(defaultValue) ? '' : code(String(defaultValue)),
    ]),
  );
}

function commandBlocks(command: Command, path: string): readonly string[] {
  const name = `${path} ${command.name()}`;
  if (command.commands.length > 0)
    return command.commands.flatMap((inner) => commandBlocks(inner, name));
  const own = command.options.filter(({ long }) => !common.includes(long ?? ''));
  const named = command.registeredArguments;
  return [
    `## ${code(name)}`,
    sentence(command.description()),
    `\`\`\`\n${name} ${command.usage()}\n\`\`\``,
    ...(named.length === 0
      ? []
      : [
          table(
            ['argument', 'meaning'],
            named.map((argument) => [code(argument.name()), argument.description]),
          ),
        ]),
    ...(own.length === 0 ? [] : [optionRows(own)]),
  ];
}

function commonRows({ commands }: Command): string {
  return optionRows(commands[0]!.options.filter(({ long }) => common.includes(long ?? '')));
}

const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'done',
  error: 'the command failed',
  usage: 'wrong arguments, options or variables',
  someRunsFailed: 'some runs failed',
  cancelled: 'the experiment was cancelled',
  dependencyDown: 'Temporal, Postgres or S3 does not answer',
  detached: 'Ctrl-C left the command; the experiment keeps running',
};

function exitRows(): readonly (readonly string[])[] {
  const names = Object.keys(exitMeanings) as (keyof typeof exitCodes)[];
  return names.map((name) => [String(exitCodes[name]), exitMeanings[name]]);
}

export function commandsPage(program: Command): string {
  return page(
    'Commands',
    program.description(),
    `Data go to standard output, messages to standard error. Options that contradict each other, or would have no
effect, are usage errors. A report that cannot be written at the end of \`run\` changes neither its table nor its
exit code.`,
    'Every command takes these options:',
    commonRows(program),
    table(['exit code', 'meaning'], exitRows()),
    ...program.commands.flatMap((command) => commandBlocks(command, program.name())),
  );
}
