/** Curvature along a path: in the inputs or in the weights. */
import type { SpectrumSpec } from '../../../experiment/kinds/spectrum/spectrum.js';
import type { Body } from '../../toolkit/body.js';
import { inputSpectra } from './input-spectra.js';
import { weightSpectra } from './weight-spectra.js';

export const measureSpectrum: Body<SpectrumSpec> = (spec, inputs, context) =>
  spec.variable === 'inputs'
    ? inputSpectra(spec, inputs, context)
    : weightSpectra(spec, inputs, context);
