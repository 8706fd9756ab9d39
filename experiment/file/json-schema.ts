/** JSON Schema of the experiment file, from the same source as its check: for editors and other programs. */
import { z } from 'zod';
import { datasetNames } from '../catalogue/datasets.js';
import { modelNames } from '../catalogue/models/index.js';
import { datasetFilesSchema } from '../config/dataset.js';
import { bareKinds, layerFields, residualSchema, shortFields } from '../config/layers.js';
import { writtenModelSchema } from '../config/model.js';
import { experimentSchema } from '../experiment.js';
import { defaultsSchema } from './defaults.js';
import { curveSweepSchema, sweepSchema } from '../sweep/schema.js';

type Node = Readonly<Record<string, unknown>>;

const base = {
  anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
  description:
    'presets or files, from whose fields this one differs in those that it has; of several the first one that has a field decides it',
};

/** Names of the catalogue are offered; a user's own, and files, are as good. */
function datasetNode({ description }: Node): Node {
  return {
    anyOf: [{ enum: datasetNames }, { type: 'string' }, plain(datasetFilesSchema)],
    description,
  };
}

const layerRef = { $ref: '#/$defs/layer' };

/** Names of the catalogue are offered; layers, and a module, are as good. */
function modelNode({ description }: Node): Node {
  const module = { type: 'string', pattern: '[/\\\\]|\\.m?js$' };
  return {
    anyOf: [{ enum: modelNames }, module, withLayers(plain(writtenModelSchema), ['layers'])],
    description,
  };
}

/** Lists of layers in a schema refer to the definition of one. */
function withLayers(node: Node, fields: readonly string[]): Node {
  const properties = node['properties'] as Readonly<Record<string, Node>>;
  const lists = fields.map((field) => [field, { ...properties[field], items: layerRef }] as const);
  return { ...node, properties: { ...properties, ...Object.fromEntries(lists) } };
}

/** A name alone, or a map of one key. */
function layerNode(): Node {
  const kinds = Object.entries(layerFields).map(([kind, schema]) => {
    const short = Object.entries(shortFields).find(([one]) => one === kind)?.[1];
    const whole = plain(schema);
    const field = short && (whole['properties'] as Readonly<Record<string, Node>>)[short];
    return [kind, field ? { anyOf: [field, whole] } : whole] as const;
  });
  const residual = withLayers(plain(residualSchema), ['body', 'shortcut']);
  const one = { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: false };
  const properties = { ...Object.fromEntries(kinds), residual };
  return { anyOf: [{ enum: bareKinds }, { ...one, properties }] };
}

/** A file names weights; only a plan knows them by their digest. */
function withImport(section: Node): Node {
  const entry = section['additionalProperties'] as Node;
  const fields = entry['properties'] as Readonly<Record<string, Node>>;
  const { description } = fields['import']!;
  const properties = { ...fields, import: { type: 'string', description } };
  return { ...section, additionalProperties: { ...entry, properties } };
}

/** JSON Schema of an experiment file: fields with a default are optional, and so are those that a sweep sets. */
export function experimentJsonSchema(): Node {
  const schema = z.toJSONSchema(experimentSchema, { io: 'input' }) as Node;
  const properties = schema['properties'] as Readonly<Record<string, Node>>;
  const entries = {
    dataset: datasetNode(properties['dataset']!),
    model: modelNode(properties['model']!),
    endpoints: sweptSection(withImport(properties['endpoints']!), 'sweep'),
    curves: sweptSection(properties['curves']!, 'curveSweep'),
    attacks: sweptSection(properties['attacks']!, 'sweep'),
  };
  return {
    title: 'Isthmus experiment',
    ...swept(
      {
        ...schema,
        properties: { extends: base, defaults: plain(defaultsSchema), ...properties, ...entries },
      },
      'sweep',
    ),
    $defs: {
      layer: layerNode(),
      sweep: plain(sweepSchema),
      curveSweep: plain(curveSweepSchema),
    },
  };
}

function plain(schema: z.ZodType): Node {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  void $schema;
  return rest;
}

function sweptSection(section: Node, definition: string): Node {
  const entry = section['additionalProperties'] as Node;
  return { ...section, additionalProperties: swept(entry, definition) };
}

const elsewhere = [{ required: ['sweep'] }, { required: ['extends'] }];

/**
 * Required fields of a node may come from its sweep or from an extended file; so may the field that
 * tells alternatives apart, so that more than one of them may fit.
 */
function swept({ required, oneOf, ...node }: Node, definition: string): Node {
  if (oneOf) return { ...node, anyOf: (oneOf as Node[]).map((one) => swept(one, definition)) };
  const properties = node['properties'] as Node;
  return {
    ...node,
    properties: { ...properties, sweep: { $ref: `#/$defs/${definition}` } },
    ...(required ? { if: { not: { anyOf: elsewhere } }, then: { required } } : {}),
  };
}
