/** Every image's eigenvalues along a path, since means over images are heavy-tailed, as safetensors. */
import type { InputSpectrumSpec } from '../../../experiment/kinds/spectrum/input-spectrum.js';
import {
  isConverged,
  type Eigenvalue,
} from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import type { ImageEigenvalue } from '../../../numerics/curvature/measures/input-spectrum.js';
import { stops } from '../../../numerics/curvature/algorithms/lanczos.js';
import type { PublishedEigenvalue } from '../../../numerics/curvature/measures/published-eigenvalue.js';
import { encodeSafetensors } from '../../../stores/formats/safetensors.js';
import { expansionColumns } from './expansion-columns.js';
import { table, type Table } from '../../toolkit/table.js';

export interface InputSpectrum {
  readonly images: readonly ImageEigenvalue[];
  /** Largest eigenvalue of the mean Hessian, if asked for. */
  readonly mean: Eigenvalue | null;
  readonly published: PublishedEigenvalue | null;
}

/** Tensors [points, images], of both ends [points, images, top], of all images together [points]. */
export function encodeInputSpectra(
  spec: InputSpectrumSpec,
  found: readonly InputSpectrum[],
): Uint8Array {
  const ofImages = (value: (image: ImageEigenvalue) => number) =>
    table(
      found.map(({ images }) => images.map(value)),
      spec.images,
    );
  const ofAll = (value: (one: InputSpectrum) => number): Table => ({
    ...{ dtype: 'F64', shape: [found.length] },
    data: Float64Array.from(found, value),
  });
  const tensors = new Map<string, Table>([
    ['eigenvalue', ofImages((r) => r.eigenvalue)],
    ['residual', ofImages((r) => r.residual)],
    ['closed_form', ofImages((r) => r.closedForm)],
    ['stop', ofImages((r) => stops.indexOf(r.stop))],
    ...expansionColumns(spec).map(
      ([name, of]) => [name, ofImages(({ expansion }) => of(expansion!).value)] as const,
    ),
    ...(spec.gradients || spec.prediction
      ? [['nll', ofImages(({ expansion }) => expansion!.nll)] as const]
      : []),
    ...(spec.top === undefined ? [] : endTables(found, spec.images, spec.top)),
    ...(spec.meanHessian
      ? ([
          ['mean_hessian_eigenvalue', ofAll(({ mean }) => mean!.eigenvalue)],
          ['mean_hessian_residual', ofAll(({ mean }) => mean!.residual)],
        ] as const)
      : []),
    ...(spec.published
      ? ([
          ['published_eigenvalue', ofAll(({ published }) => published!.eigenvalue)],
          ['published_converged', ofAll(({ published }) => Number(published!.converged))],
        ] as const)
      : []),
  ]);
  return encodeSafetensors(tensors, metadata(spec));
}

function metadata(spec: InputSpectrumSpec): Record<string, string> {
  const { operator, images, t, published, prediction } = spec;
  return {
    variable: 'inputs',
    operator,
    reduction: 'one Hessian per image of its own cross-entropy',
    images: String(images),
    t: JSON.stringify(t),
    stop: stops.join(', '),
    ...(prediction ? { prediction_epsilon: String(prediction.epsilon) } : {}),
    ...(published
      ? {
          published_reduction: `${published.reduction} over each batch, then over the batches`,
          published_batch_size: String(published.batchSize),
        }
      : {}),
  };
}

function endTables(
  found: readonly InputSpectrum[],
  images: number,
  top: number,
): [string, Table][] {
  const all = found.flatMap((one) => one.images);
  const shape = [found.length, images, top];
  return (['largest', 'smallest'] as const).flatMap((end): [string, Table][] => {
    const of = (value: (e: Eigenvalue) => number): Table => ({
      ...table(
        all.map((image) => image.ends![end].map(value)),
        top,
      ),
      shape,
    });
    return [
      [end, of((e) => e.eigenvalue)],
      [`${end}_residual`, of((e) => e.residual)],
      [`${end}_converged`, of((e) => Number(isConverged(e)))],
      [`${end}_settled`, of((e) => Number(e.certainty === 'settled'))],
    ];
  });
}
