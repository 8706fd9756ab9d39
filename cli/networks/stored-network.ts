/** The weights of a network that an experiment has stored: an endpoint, a control point or any point of a curve. */
import {
  hasLayer,
  modelLayers,
  modelTitle,
  type ModelSpec,
} from '../../experiment/catalogue/models/index.js';
import { isModule } from '../../experiment/catalogue/models/own-model.js';
import { UserError } from '../../experiment/errors.js';
import type { RunSpec } from '../../experiment/kinds/index.js';
import type { Role } from '../../experiment/specs/role.js';
import { curvePoint } from '../../numerics/curves/curve.js';
import { coordinatesFor } from '../../numerics/curves/implicit-coordinates.js';
import type { BlobStore } from '../../stores/blobs/blob-store.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { unpackSparse } from '../../stores/formats/sparse-tensors.js';
import type { RunRow } from '../../stores/results/results-store.js';

/** Values by name, row-major. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** Where on a curve: any t in [0, 1], or a bend by its number, from 1. */
export interface Position {
  readonly t?: number;
  readonly bend?: number;
}

export interface Source {
  readonly blobs: Pick<BlobStore, 'get'>;
  /** Those of the experiment. */
  readonly rows: readonly RunRow[];
  /** As it was named, for the hints. */
  readonly id: string;
}

type CurveSpec = Extract<RunSpec, { kind: 'curve' }>;

/** Weights of the run's network; parameters and, of an endpoint, the running statistics of its batch norms. */
export async function storedWeights(
  source: Source,
  row: RunRow,
  position: Position,
): Promise<Weights> {
  const { spec, name } = row.run;
  const isPlace = position.t !== undefined || position.bend !== undefined;
  if (spec.kind === 'curve') return alongCurve(source, row, spec, position);
  if (isPlace) throw new UserError('usage', `${name} is no curve: leave --t and --bend out`);
  return readSet(source, row, 'weights', '');
}

async function alongCurve(
  source: Source,
  row: RunRow,
  spec: CurveSpec,
  { t, bend }: Position,
): Promise<Weights> {
  if (t !== undefined && bend === undefined) return pointAt(source, row, spec, t);
  if (bend === undefined || t !== undefined) {
    throw new UserError('usage', `${row.run.name} is a curve: say --t 0.5 or --bend 1`);
  }
  if (bend <= spec.bends) return readSet(source, row, 'bends', `bend${bend}.`);
  throw new UserError('usage', `${row.run.name} has bends 1 to ${spec.bends}, not ${bend}`);
}

async function pointAt(source: Source, row: RunRow, spec: CurveSpec, t: number): Promise<Weights> {
  refuseStatistics(row, spec.model);
  const bends = Array.from({ length: spec.bends }, (_, k) =>
    readSet(source, row, 'bends', `bend${k + 1}.`),
  );
  const end = (role: 'start' | 'end') =>
    spec.ends === 'free'
      ? readSet(source, row, 'bends', `${role}.`)
      : readSet(source, neededRow(source, row, role), 'weights', '');
  const stored = await Promise.all([end('start'), ...bends, end('end')]);
  const specs = [...stored[1]].map(([name, { length }]) => ({ name, shape: [length] }));
  const layers = isModule(spec.model) ? [] : modelLayers(spec.model);
  const coordinates = coordinatesFor(layers, spec.implicit);
  const isEnd = (k: number) => spec.ends !== 'free' && (k === 0 || k === stored.length - 1);
  const points = stored.map((one, k) => (isEnd(k) ? coordinates.end(one) : coordinates.enter(one)));
  return coordinates.leave(curvePoint(specs, spec.family, points, t));
}

/** Statistics at a point of a curve take a pass over the training images, which is the work of a run. */
function refuseStatistics({ run }: RunRow, model: ModelSpec): void {
  if (!hasLayer(model, 'batch-norm')) return;
  const curve = run.name.slice(run.name.indexOf('/') + 1);
  throw new UserError(
    'bad-input',
    `${run.name}: ${modelTitle(model)} has batch norms, whose statistics differ at every t`,
    {
      hint: `add an endpoint { onCurve: { curve: ${curve}, t: ... } } to the file, run it and export that`,
    },
  );
}

function neededRow({ rows, id }: Source, { run }: RunRow, role: Role): RunRow {
  const key = run.needs.find((need) => need.role === role)?.run;
  const row = rows.find((one) => one.run.key === key);
  if (row) return row;
  throw new UserError('bad-input', `${id} does not hold the ${role} of ${run.name}`);
}

async function readSet(
  { blobs, id }: Source,
  { run, outputs, state }: RunRow,
  output: string,
  prefix: string,
): Promise<Weights> {
  const ref = outputs[output];
  if (ref === undefined) {
    const why = state === 'done' ? 'it stores no network' : `it is ${state}`;
    throw new UserError('bad-input', `${run.name} has no weights: ${why}`, {
      hint: `./isthmus status ${id}`,
    });
  }
  const { tensors } = unpackSparse(decodeSafetensors(await blobs.get(ref)));
  const own = [...tensors].filter(([name]) => name.startsWith(prefix));
  return new Map(
    own.map(([name, { data }]) => {
      if (data instanceof Float32Array) return [name.slice(prefix.length), data] as const;
      throw new Error(`${name} of ${run.name} is not float32`);
    }),
  );
}
