/** Command lines of Isthmus in the documentation, and whether its program accepts them. */
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.js';
import { codeBlocks, inlineCode, type Page } from './markdown.js';

/** Words of a line as a shell splits them, up to a comment, a pipe or what else ends a command. */
function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const [token] of line.matchAll(/(?:[^\s'"|;&>]|'[^']*'|"[^"]*")+|[|;&>]/g)) {
    if (token.startsWith('#') || /^[|;&>]$/.test(token)) break;
    words.push(token.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return words;
}

/** Each `./isthmus ...` of a page, in blocks and in backticks, as arguments; a lone `./isthmus` is none. */
export function commandLines(page: Page): readonly (readonly string[])[] {
  const lines = codeBlocks(page)
    .filter(({ language }) => language !== 'python')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'));
  return [...lines, ...inlineCode(page)].flatMap((line) =>
    [...line.matchAll(/\.\/isthmus (.*)$/g)].map(([, rest]) =>
      shellWords(rest!.replace(/\)".*$/, '')),
    ),
  );
}

function silence(command: Command): void {
  command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
  for (const inner of command.commands) silence(inner);
}

/** Why the program refuses these arguments, or null; nothing is carried out. */
export async function refusal(words: readonly string[]): Promise<string | null> {
  const program = createProgram(async () => undefined);
  silence(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
