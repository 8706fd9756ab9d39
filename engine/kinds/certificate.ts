/** Certificates of a path's networks: by method and radius the certified images, and how well the solver did. */
import { max, mean, median } from 'simple-statistics';
import type { CertificateSpec } from '../../experiment/kinds/certificate.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import { row, rows, type SeriesRow } from '../../experiment/records/rows.js';
import { createCertifier, type SolverTrace } from '../../numerics/certificates/certifier.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';
import type { EngineContext } from '../toolkit/context.js';
import { attackBatch } from '../toolkit/data.js';
import { measurePath, type MeasuredImages } from '../toolkit/measure-path.js';

interface Certified {
  /** Lower bounds of the margins, [epsilon][method], each [images]. */
  readonly margins: readonly (readonly Float32Array[])[];
  readonly solver: SolverTrace | null;
}

export async function certifyPath(
  spec: CertificateSpec,
  inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { done, measured, selection } = await measurePath<Certified>(spec, inputs, context, {
    phase: 'certifying',
    makeInstrument: (model, data) => {
      const { methods, epsilons } = spec;
      const certifier = createCertifier(context.host, {
        ...{ model, methods, data, batchSize: attackBatch },
      });
      return {
        batches: certifier.calls * (epsilons.length + 1),
        async measure(_t, weights, { pause }) {
          const solver = await certifier.trace(weights, pause);
          const margins: (readonly Float32Array[])[] = [];
          for (const epsilon of epsilons) {
            margins.push(await certifier.certify(weights, epsilon, pause));
          }
          return { margins, solver };
        },
        dispose: () => certifier.dispose(),
      };
    },
    rows: (t, certified) => [...certificateRows(spec, t, certified), ...solverRows(t, certified)],
  });
  return { ...selection, certificates: await context.blobs.put(encode(spec, measured, done)) };
}

function certificateRows(
  { epsilons, methods, images: n }: CertificateSpec,
  t: number,
  { margins }: Certified,
): readonly SeriesRow<'certificate'>[] {
  return epsilons.flatMap((epsilon, e) =>
    methods.flatMap((method, m) => {
      const bounds = [...margins[e]![m]!];
      const certified = (100 * bounds.filter((bound) => bound > 0).length) / bounds.length;
      const at = `${method}:${epsilon}` as const;
      return [
        row('certificate', `certified_accuracy:${at}`, { x: t, n }, certified),
        row('certificate', `certified_margin:${at}`, { x: t, n }, median(bounds)),
      ];
    }),
  );
}

function solverRows(t: number, { solver }: Certified): readonly SeriesRow<'certificate'>[] {
  if (solver === null) return [];
  const { iterations, residual, measure } = solver;
  return rows(
    'certificate',
    { x: t, n: iterations.length },
    {
      solver_iterations: mean([...iterations]),
      solver_residual_max: max([...residual]),
      matrix_measure: measure,
    },
  );
}

/**
 * `image` [images] (index in the split of the data set), `label` [images], and `margin` [t, epsilon, method, image], the
 * lower bound of the smallest margin within epsilon: above 0 the image is certified.
 */
function encode(
  { t, epsilons, methods }: CertificateSpec,
  { indices, labels }: MeasuredImages,
  done: readonly Certified[],
): Uint8Array {
  const margins = done.flatMap((one) => one.margins.flat());
  const shape = [t.length, epsilons.length, methods.length, indices.length];
  const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
  margins.forEach((each, i) => data.set(each, i * indices.length));
  const tensors = new Map<string, StoredTensor>([
    ['image', { dtype: 'I32', shape: [indices.length], data: indices }],
    ['label', { dtype: 'I32', shape: [labels.length], data: Int32Array.from(labels) }],
    ['margin', { dtype: 'F32', shape, data }],
  ]);
  return encodeSafetensors(tensors, {
    ...{ split: 'test', norm: 'linf', t: JSON.stringify(t) },
    ...{ epsilons: JSON.stringify(epsilons), methods: JSON.stringify(methods) },
  });
}
