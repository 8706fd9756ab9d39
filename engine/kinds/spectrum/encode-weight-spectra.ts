/** Everything that the weight Hessian showed along a path, as safetensors that describe themselves. */
import type { WeightSpectrumSpec } from '../../../experiment/records/measurements.js';
import { densityOnGrid } from '../../../numerics/curvature/algorithms/spectral-density.js';
import type { WeightSpectrum } from '../../../numerics/curvature/measures/weight-spectrum.js';
import type { Eigenvalue } from '../../../numerics/curvature/algorithms/extremal-eigenvalues.js';
import { stops } from '../../../numerics/curvature/algorithms/lanczos.js';
import { encodeSafetensors } from '../../../stores/formats/safetensors.js';
import { table, type Table } from '../../toolkit/table.js';

/** Places of the smoothed density, and its Gaussian's width as a share of the eigenvalues' range. */
const places = 512;
const share = 0.01;

/** Tensors have one row per t; what is not there is not a number. */
export function encodeWeightSpectra(
  spec: WeightSpectrumSpec,
  batchSize: number,
  found: readonly WeightSpectrum[],
): Uint8Array {
  const ends = (value: (w: WeightSpectrum) => readonly number[]) =>
    table(found.map(value), spec.top);
  const tensors = new Map<string, Table>([
    ['largest', ends((w) => w.largest.map((e) => e.eigenvalue))],
    ['largest_residual', ends((w) => w.largest.map((e) => e.residual))],
    ['largest_settled', ends((w) => w.largest.map(isSettled))],
    ['smallest', ends((w) => w.smallest.map((e) => e.eigenvalue))],
    ['smallest_residual', ends((w) => w.smallest.map((e) => e.residual))],
    ['smallest_settled', ends((w) => w.smallest.map(isSettled))],
    ['iterations', single(found, (w) => w.iterations)],
    ['stop', single(found, (w) => stops.indexOf(w.stop))],
    ...(spec.trace ? traceTables(found) : []),
    ...(spec.density ? densityTables(found, spec.density) : []),
  ]);
  return encodeSafetensors(tensors, {
    variable: 'weights',
    loss: 'cross-entropy in evaluation mode, without weight decay; batch norm statistics constant',
    reduction: spec.reduction,
    split: spec.split,
    images: String(spec.images),
    batch_size: String(batchSize),
    t: JSON.stringify(spec.t),
    stop: stops.join(', '),
    ...(spec.density ? { density: densityNote(spec.density) } : {}),
  });
}

/** [points, 1]. */
function single(found: readonly WeightSpectrum[], value: (w: WeightSpectrum) => number): Table {
  return table(
    found.map((w) => [value(w)]),
    1,
  );
}

function isSettled({ certainty }: Eigenvalue): number {
  return Number(certainty === 'settled');
}

function traceTables(found: readonly WeightSpectrum[]): [string, Table][] {
  return [
    ['trace', single(found, (w) => w.trace!.trace)],
    ['trace_standard_error', single(found, (w) => w.trace!.standardError.value)],
  ];
}

function densityTables(
  found: readonly WeightSpectrum[],
  { probes, steps }: NonNullable<WeightSpectrumSpec['density']>,
): [string, Table][] {
  const grids = found.map((w) => densityOnGrid(w.density!, places, share));
  return [
    [
      'density_nodes',
      table(
        found.map((w) => w.density!.nodes),
        probes * steps,
      ),
    ],
    [
      'density_weights',
      table(
        found.map((w) => w.density!.weights),
        probes * steps,
      ),
    ],
    [
      'density_places',
      table(
        grids.map((g) => g.places),
        places,
      ),
    ],
    [
      'density',
      table(
        grids.map((g) => g.density),
        places,
      ),
    ],
    [
      'density_width',
      table(
        grids.map((g) => [g.width]),
        1,
      ),
    ],
  ];
}

function densityNote({ probes, steps }: NonNullable<WeightSpectrumSpec['density']>): string {
  return (
    `stochastic Lanczos quadrature, ${probes} probes of ${steps} steps; nodes and weights as found, ` +
    `and smoothed by a Gaussian of density_width at ${places} equally spaced density_places`
  );
}
