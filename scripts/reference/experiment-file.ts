/** The page about the experiment file, from its JSON Schema. */
import { code, page, sentence, table, type Row } from './markdown.js';
import { typeText, type SchemaNode } from './schema-text.js';

type Fields = Readonly<Record<string, SchemaNode>>;

function requiredFields(node: SchemaNode): readonly string[] {
  return node.required ?? node.then?.required ?? [];
}

function defaultText(node: SchemaNode, isRequired: boolean): string {
  if (node.default !== undefined) return code(JSON.stringify(node.default));
  return isRequired ? 'required' : '';
}

/** Fields inside others are named as `--set` and sweeps name them: `adversarial.epsilon`. */
function fieldRows(node: SchemaNode, prefix: string): readonly Row[] {
  const required = requiredFields(node);
  return Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    if (name === 'sweep') return [];
    const path = `${prefix}${name}`;
    const given = defaultText(field, required.includes(name));
    const own = [code(path), typeText(field), given, field.description ?? ''];
    return [own, ...innerRows(field, path)];
  });
}

function innerRows(field: SchemaNode, path: string): readonly Row[] {
  const own = field.properties ? fieldRows(field, `${path}.`) : [];
  const variants = (field.anyOf ?? []).flatMap((variant) => innerRows(variant, path));
  const items = field.items && field.items.properties ? fieldRows(field.items, `${path}[].`) : [];
  return [
    ...own,
    ...variants,
    ...items,
    ...(field.oneOf ? alternativeRows(field.oneOf, path) : []),
  ];
}

/** Maps that one field tells apart, such as schedules by their `kind`: it, and then the fields of each. */
function alternativeRows(variants: readonly SchemaNode[], path: string): readonly Row[] {
  const [tag = ''] =
    Object.entries(variants[0]?.properties ?? {}).find(([, one]) => one.const) ?? [];
  const names = variants.map(({ properties = {} }) => code(properties[tag]?.const ?? ''));
  const fields = variants.flatMap((variant, i) =>
    fieldRows(variant, `${path}.`).flatMap(([name, value, given, meaning]): Row[] =>
      name === code(`${path}.${tag}`) ? [] : [[name!, value!, given!, `${names[i]!}: ${meaning!}`]],
    ),
  );
  return [[code(`${path}.${tag}`), names.join(', '), 'required', ''], ...fields];
}

const head = ['field', 'value', 'default', 'meaning'];

function fieldTable(node: SchemaNode): string {
  return table(head, fieldRows(node, ''));
}

/** Alternatives of an entry, such as the methods of attacks, are told apart by a field with one value. */
function variantName({ properties = {} }: SchemaNode): string {
  const [name, field] = Object.entries(properties).find(([, one]) => one.const !== undefined) ?? [];
  return name === undefined ? 'variant' : `${name}: ${field!.const!}`;
}

/** An entry or section: one table, or one for each of its alternatives. */
function sectionBlocks(title: string, node: SchemaNode): readonly string[] {
  const variants = (node.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  if (variants.length < 2) return [fieldTable(variants[0] ?? node)];
  return variants.flatMap((one) => [`### ${title}, ${code(variantName(one))}`, fieldTable(one)]);
}

function section(name: string, node: SchemaNode): readonly string[] {
  const entry = node.additionalProperties;
  const path = entry ? `${name}.NAME` : name;
  const about = node.description ? [sentence(node.description)] : [];
  return [`## ${code(path)}`, ...about, ...sectionBlocks(code(path), entry ? entry : node)];
}

/** Layers of a user's network: by name alone, or as a map of one key. */
function layerBlocks({ anyOf = [] }: SchemaNode = {}): readonly string[] {
  const bare = anyOf.flatMap((one) => one.enum ?? []).map(code);
  const kinds = Object.entries(anyOf.find((one) => one.properties)?.properties ?? {});
  return [
    '### `model.layers`',
    `By their name alone (\`- relu\`): ${bare.join(', ')}. As a map of one key (\`- conv: { filters: 16, size: 3 }\`; ` +
      'where two types are given, the first is short for the field that it names, as in `- dense: 10`):',
    table(head, kinds.flatMap(layerRows)),
  ];
}

function layerRows([kind, node]: readonly [string, SchemaNode]): readonly Row[] {
  const whole = node.anyOf?.find((one) => one.properties) ?? node;
  return [[code(kind), typeText(node), '', ''], ...fieldRows(whole, `${kind}.`)];
}

function isSection({ properties, additionalProperties, anyOf }: SchemaNode): boolean {
  const nested = properties ?? (additionalProperties || undefined)?.properties;
  const inEntry = (additionalProperties || undefined)?.anyOf?.some((one) => one.properties);
  return nested !== undefined || inEntry === true || anyOf?.some((one) => one.properties) === true;
}

/** Some may be given by name instead. */
function sectionText({ anyOf = [] }: SchemaNode): string {
  const names = anyOf.filter(({ properties }) => properties === undefined).map(typeText);
  return [...names, 'see below'].join('; or ');
}

function topRow([name, node]: readonly [string, SchemaNode], required: readonly string[]): Row {
  const value = isSection(node) ? sectionText(node) : typeText(node);
  return [code(name), value, defaultText(node, required.includes(name)), node.description ?? ''];
}

const intro = `An experiment file is YAML (or JSON). \`./isthmus schema\` prints the JSON Schema from which this
page is generated; the first line \`# yaml-language-server: $schema=...\` gives completion in an editor. An
unknown field is refused, with its line and the nearest name. Endpoints, curves, attacks and the file itself also
take \`sweep\` ([sweeps](../how-to/sweep.md)); fields of nested maps are written here as \`--set\` takes them, with dots.`;

export function experimentFilePage(schema: SchemaNode): string {
  const fields: Fields = schema.properties ?? {};
  const required = requiredFields(schema);
  const entries = Object.entries(fields).filter(([name]) => name !== 'sweep');
  const sections = entries.filter(([, node]) => isSection(node));
  return page(
    'The experiment file',
    intro,
    '## Top level',
    table(
      head,
      entries.map((entry) => topRow(entry, required)),
    ),
    ...sections.flatMap(([name, node]) => [
      ...section(name, node),
      ...(name === 'model' ? layerBlocks(schema.$defs?.['layer']) : []),
    ]),
  );
}
