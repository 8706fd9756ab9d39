/** Layers as a user writes them, to the records that networks are made of. */
import { defaultIterations, type LayerRecord } from '../catalogue/models/layer-records.js';
import type { LayersModel } from '../catalogue/models/own-model.js';
import {
  layerFields,
  plainKinds,
  residualSchema,
  shortFields,
  type FieldsKind,
} from '../config/layers.js';
import { defaultModelName, writtenModelSchema } from '../config/model.js';
import { hasOwn } from '../own.js';
import { describeIssue, type Issue } from '../reading/mistakes.js';
import { nearestHint } from '../reading/nearest.js';
import { shortened } from '../reading/shorten.js';
import { SweepMistake } from '../sweep/mistake.js';
import { isFields, type Path } from '../sweep/paths.js';
import type { z } from 'zod';

/** From `{ name?, layers }`; throws a SweepMistake at the first layer that is wrong. */
export function readLayers(written: unknown, at: Path = ['model']): LayersModel {
  const { name = defaultModelName, layers } = parse(writtenModelSchema, written, at);
  const budget = { left: mostLayers };
  return { name, architecture: inSequence(layers, [...at, 'layers'], createNames(), budget) };
}

/** Those inside residual blocks included. */
const mostLayers = 2000;
const deepest = 20;

interface Budget {
  left: number;
}

/** Names of weights by kind and order; a block has an order of its own. */
type NextName = (kind: string) => string;

function createNames(): NextName {
  const counts = new Map<string, number>();
  return (kind) => {
    const next = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, next);
    return `${kind}${next}`;
  };
}

function inSequence(
  layers: readonly unknown[],
  at: Path,
  nextName: NextName,
  budget: Budget,
): readonly LayerRecord[] {
  return layers.map((layer, i) => {
    budget.left -= 1;
    if (budget.left < 0) throw new SweepMistake(at, `more than ${mostLayers} layers`);
    return readLayer(layer, [...at, i], nextName, budget);
  });
}

const kinds = [...plainKinds, ...(Object.keys(layerFields) as FieldsKind[]), 'residual'];

function readLayer(layer: unknown, at: Path, nextName: NextName, budget: Budget): LayerRecord {
  const [kind, fields] = kindAndFields(layer, at);
  const plain = plainKinds.find((one) => one === kind);
  if (plain !== undefined) {
    if (fields === null || (isFields(fields) && Object.keys(fields).length === 0)) {
      return { kind: plain === 'global-avg-pool' ? 'global-average-pool' : plain };
    }
    throw new SweepMistake([...at, kind], `has no fields: write - ${kind}`);
  }
  if (kind === 'residual') return residual(fields, [...at, kind], nextName, budget);
  if (hasOwn(layerFields, kind)) return withFields(kind, fields, [...at, kind], nextName);
  const near = nearestHint(kind, kinds) || ` (known: ${kinds.join(', ')})`;
  throw new SweepMistake(at, `no layer is called "${shortened(kind)}"${near}`);
}

/** A name alone, or a map of one key. */
function kindAndFields(layer: unknown, at: Path): readonly [kind: string, fields: unknown] {
  if (typeof layer === 'string') return [layer, null];
  const entries = isFields(layer) ? Object.entries(layer) : [];
  const [first, ...more] = entries;
  if (first !== undefined && more.length === 0) return first;
  const what = 'write one layer, such as relu or conv: { filters: 16, size: 3 }';
  const names = entries.map(([key]) => shortened(key)).join(', ');
  throw new SweepMistake(at, entries.length > 1 ? `${what}, not ${names} together` : what);
}

function withFields(kind: FieldsKind, value: unknown, at: Path, nextName: NextName): LayerRecord {
  const short = shortFields[kind];
  const bare = !isFields(value) && value !== null && short !== undefined;
  const fields = bare ? { [short]: value } : (value ?? {});
  const read = <T extends z.ZodType>(schema: T) => parse(schema, fields, at, bare);
  switch (kind) {
    case 'conv': {
      const { name = nextName('conv'), stride, padding, bias, ...rest } = read(layerFields.conv);
      return {
        ...{ kind: 'convolution', name, ...rest },
        // What is the default anyway is not in the key.
        ...(stride === 1 ? {} : { stride }),
        ...(padding === undefined || padding === (rest.size - 1) / 2 ? {} : { padding }),
        ...(bias ? {} : { bias }),
      };
    }
    case 'dense': {
      const { name = nextName('dense'), units, initial } = read(layerFields.dense);
      return { kind: 'dense', name, units, initial };
    }
    case 'batch-norm': {
      const { name = nextName('bn'), momentum } = read(layerFields['batch-norm']);
      return { kind: 'batch-norm', name, ...(momentum === 0.1 ? {} : { momentum }) };
    }
    case 'max-pool':
    case 'avg-pool': {
      const { size, stride = size } = read(layerFields[kind]);
      return { kind: kind === 'max-pool' ? kind : 'average-pool', size, stride };
    }
    case 'leaky-relu': {
      const { slope } = read(layerFields['leaky-relu']);
      return { kind: 'leaky-relu', ...(slope === 0.01 ? {} : { slope }) };
    }
    case 'implicit': {
      const { name = nextName('implicit'), units, ...rest } = read(layerFields.implicit);
      return { kind: 'implicit', name, units, ...withoutDefaults(rest) };
    }
    case 'scale': {
      const { factor } = read(layerFields.scale);
      return { kind: 'normalise', mean: [0], deviation: [1 / factor] };
    }
    case 'normalise': {
      const { mean, std } = read(layerFields.normalise);
      return { kind: 'normalise', mean, deviation: std };
    }
    default:
      throw new Error(`unknown layer ${String(kind satisfies never)}`);
  }
}

type ImplicitFields = Omit<z.output<(typeof layerFields)['implicit']>, 'name' | 'units'>;

function withoutDefaults({ activation, m, iterations, compat }: ImplicitFields) {
  return {
    ...(activation === 'relu' ? {} : { activation }),
    ...(m === 0 ? {} : { m }),
    ...(iterations === defaultIterations ? {} : { iterations }),
    ...(compat === undefined ? {} : { compat }),
  };
}

function residual(value: unknown, at: Path, nextName: NextName, budget: Budget): LayerRecord {
  const { name = nextName('residual'), body, shortcut } = parse(residualSchema, value, at);
  if (at.length > 4 * deepest) throw new SweepMistake(at, `more than ${deepest} blocks in blocks`);
  const inner = createNames();
  return {
    kind: 'residual',
    name,
    branch: inSequence(body, [...at, 'body'], inner, budget),
    ...(shortcut === undefined || shortcut.length === 0
      ? {}
      : { shortcut: inSequence(shortcut, [...at, 'shortcut'], inner, budget) }),
  };
}

/** `short`: the value stands for its one field, which is then no part of the path. */
function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  at: Path,
  short = false,
): z.output<T> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const { issues } = result.error;
  const isSlip = ({ code }: Issue) => code === 'unrecognized_keys';
  // A field that is missing may be the one that is misspelt.
  const issue = issues.find(isSlip) ?? issues[0]!;
  const place = [...at, ...(short ? [] : issue.path)];
  // The reader of the file writes the path before it.
  const [mistake] = describeIssue(issue, schema, isSlip(issue) ? [] : ['here']);
  throw new SweepMistake(place, mistake!.what.replace(/^here: /, ''));
}
