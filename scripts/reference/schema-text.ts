/** JSON Schema as this project writes it, and its types in words. */
import { code } from './markdown.js';

/** The part of JSON Schema that `experimentJsonSchema` writes. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly items?: SchemaNode | false;
  readonly prefixItems?: readonly SchemaNode[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | false;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly required?: readonly string[];
  readonly then?: { readonly required?: readonly string[] };
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, SchemaNode>>;
}

const largest = Number.MAX_SAFE_INTEGER;

function rangeText(node: SchemaNode): string {
  const { minimum: least = -largest, maximum: most = largest } = node;
  if (least > -largest && most < largest) return ` from ${least} to ${most}`;
  const bounds = [
    ...(least > -largest ? [`at least ${least}`] : []),
    ...(node.exclusiveMinimum !== undefined ? [`above ${node.exclusiveMinimum}`] : []),
    ...(most < largest ? [`at most ${most}`] : []),
    ...(node.exclusiveMaximum !== undefined ? [`below ${node.exclusiveMaximum}`] : []),
  ];
  return bounds.length === 0 ? '' : ` ${bounds.join(', ')}`;
}

/** The values that a field takes, in a few words. */
export function typeText(node: SchemaNode): string {
  if (node.const !== undefined) return code(node.const);
  if (node.enum) return node.enum.map(code).join(', ');
  if (node.anyOf) return [...new Set(node.anyOf.map(typeText))].join(' or ');
  if (node.$ref) return node.$ref.endsWith('/layer') ? 'layers (below)' : 'any value';
  if (node.type === 'array') return node.items ? `list of ${typeText(node.items)}` : 'list';
  if (node.type === 'object' || node.oneOf) return 'map';
  if (node.type === 'string' && node.pattern?.startsWith('^\\d')) return 'fraction such as `8/255`';
  return `${node.type ?? 'any value'}${rangeText(node)}`;
}
