/** Refuses modules that are no JavaScript, or more than one file. */
import { parse, type Node } from 'acorn';
import { UserError } from '../../experiment/errors.js';

/** Throws a `bad-input` UserError with line and column. */
export function checkModuleText(text: string): void {
  for (const node of nodes(parseText(text))) {
    const what = forbidden(node);
    if (what === null) continue;
    const { line, column } = node.loc!.start;
    throw refuse(line, column, `${what}: a network is one file without imports; tf is an argument`);
  }
}

function parseText(text: string): Node {
  try {
    return parse(text, { ecmaVersion: 'latest', sourceType: 'module', locations: true });
  } catch (error) {
    if (!(error instanceof SyntaxError) || !('loc' in error)) throw error;
    const { line, column } = error.loc as { line: number; column: number };
    throw refuse(line, column, error.message.replace(/ \(\d+:\d+\)$/, ''));
  }
}

function refuse(line: number, column: number, what: string): UserError {
  return new UserError('bad-input', `line ${line}, column ${column + 1}: ${what}`);
}

/** Null: it may stand in a network. */
function forbidden(node: Node & Readonly<Record<string, unknown>>): string | null {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ImportExpression':
      return 'import';
    case 'ExportAllDeclaration':
      return 'export from';
    case 'ExportNamedDeclaration':
      return node['source'] === null ? null : 'export from';
    case 'MetaProperty':
      return isNamed(node['meta'], 'import') ? 'import.meta' : null;
    case 'CallExpression':
      return isNamed(node['callee'], 'require') ? 'require' : null;
    default:
      return null;
  }
}

function isNamed(value: unknown, name: string): boolean {
  return isNode(value) && value.type === 'Identifier' && value['name'] === name;
}

function isNode(value: unknown): value is Node & Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** The node and all below it, in order; without recursion, since texts may nest deeply. */
function* nodes(root: Node): Generator<Node & Readonly<Record<string, unknown>>> {
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...[...(next as unknown[])].reverse());
    else if (isNode(next)) {
      yield next;
      open.push(Object.values(next).reverse());
    }
  }
}
