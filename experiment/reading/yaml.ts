/** YAML text to a document: within bounds of size and depth, every alias a copy, every key a name. */
import { Composer, Lexer, LineCounter, Parser, type Document } from 'yaml';
import { mostBytes, mostDepth, type Spend } from './budget.js';
import { settle, tooDeep } from './settle.js';
import { Unreadable } from './unreadable.js';

export interface ReadYaml {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** Throws `Unreadable` for what is no YAML, or none that an experiment may be written in. */
export function readYaml(text: string, spend: Spend): ReadYaml {
  const lines = new LineCounter();
  try {
    checkCharacters(text, lines);
    const document = composed(text, lines, spend);
    checkComposed(document);
    settle(document, lines, spend);
    return { document, lines };
  } catch (error) {
    if (error instanceof Unreadable) throw error.placed(lines);
    throw error;
  }
}

function checkCharacters(text: string, lines: LineCounter): void {
  if (text.length > mostBytes) {
    throw new Unreadable(0, `${text.length} characters; at most ${mostBytes} are read`);
  }
  // All that YAML forbids, but for what the check of the strings tells better: lone surrogates.
  const at = text.search(/[^\t\n\r\P{Cc}\u0085]/u);
  if (at < 0) return;
  lines.addNewLine(0);
  for (let end = text.indexOf('\n'); end >= 0 && end < at; end = text.indexOf('\n', end + 1)) {
    lines.addNewLine(end + 1);
  }
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  throw new Unreadable(at, `the control character U+${code}, which no YAML file may hold`);
}

/** Token by token, since the parser would nest and the composer collect without end. */
function composed(text: string, lines: LineCounter, spend: Spend): Document {
  // Keys are compared in settle: here every key is compared with every other.
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent' });
  let first: Document | null = null;
  for (const document of composer.compose(tokens(text, lines, spend), true, text.length)) {
    if (first !== null) {
      const at = document.range[0];
      throw new Unreadable(at, 'a second document begins here (---); one file is one experiment');
    }
    first = document;
  }
  return first!;
}

function* tokens(text: string, lines: LineCounter, spend: Spend) {
  lines.addNewLine(0);
  const parser = new Parser(lines.addNewLine);
  for (const lexeme of new Lexer().lex(text)) {
    const { offset } = parser;
    const tooMuch = spend('tokens');
    if (tooMuch !== null) throw new Unreadable(offset, tooMuch);
    yield* parser.next(lexeme);
    if (parser.stack.length > mostDepth) throw tooDeep(offset);
  }
  yield* parser.end();
}

const hints: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'use spaces',
  BLOCK_AS_IMPLICIT_KEY: 'a value with ": " in it needs quotes',
  BAD_SCALAR_START: 'put the value in quotes',
  BAD_DQ_ESCAPE: 'in double quotes \\ begins an escape; use single quotes',
  TAG_RESOLVE_FAILED: 'leave the tag out',
};

function checkComposed({ errors, warnings, directives }: Document): void {
  const [first] = [...errors, ...warnings];
  if (first !== undefined) {
    const what = first.message.split('\n')[0]!;
    const hint = hints[first.code];
    throw new Unreadable(first.pos[0], hint === undefined ? what : `${what}: ${hint}`, first);
  }
  const version = directives?.yaml.version ?? '1.2';
  if (version === '1.2') return;
  throw new Unreadable(0, `%YAML ${version}: files are read as YAML 1.2; leave that line out`);
}
