/** Spectra: curvature along a fitted path, in the inputs (`spectrum`) and in the weights (`weightSpectrum`). */
import { spectrumSeries } from '../../catalogue/series/spectrum.js';
import { checkImages } from '../checks/measurement.js';
import { checkTangents, type ExactRuns } from '../checks/tangents.js';
import type { Draft, PathScope } from '../draft.js';
import type { ConfigWith, Kind } from '../kind.js';
import { grid } from '../parts/grid.js';
import {
  inputSpectrumFields,
  inputSpectrumSection,
  type InputSpectrumSpec,
} from './input-spectrum.js';
import {
  weightProducts,
  weightSpectrumFields,
  weightSpectrumSection,
  type WeightSpectrumSpec,
} from './weight-spectrum.js';

export type SpectrumSpec = InputSpectrumSpec | WeightSpectrumSpec;

const sections = {
  spectrum: inputSpectrumSection
    .optional()
    .describe('curvature in the inputs, along each fitted curve'),
  weightSpectrum: weightSpectrumSection
    .optional()
    .describe('curvature in the weights, along each fitted curve'),
};

type Config = ConfigWith<typeof sections>;

function fitted(config: Config, scope: PathScope): Draft<SpectrumSpec>[] {
  const { name, needs, along, runName } = scope;
  const drafts: Draft<SpectrumSpec>[] = [];
  if (config.spectrum) {
    const { points } = config.spectrum;
    drafts.push({
      name: runName('spectrum'),
      summary: `top input-Hessian eigenvalue of ${name} at ${points} points`,
      needs,
      spec: { ...inputSpectrumFields(config.spectrum), ...along(grid(points)) },
      summarisedAs: 'spectrum',
    });
  }
  if (config.weightSpectrum) {
    const { points } = config.weightSpectrum;
    drafts.push({
      name: runName('weight-spectrum'),
      summary: `weight-Hessian spectrum of ${name} at ${points} points`,
      needs,
      spec: { ...weightSpectrumFields(config.weightSpectrum), ...along(grid(points)) },
    });
  }
  return drafts;
}

/** Runs that need exact second derivatives, and what asks for them. */
function secondDerivatives({ spectrum, weightSpectrum }: Config): readonly ExactRuns[] {
  const runs: ExactRuns[] = [];
  const field = spectrum && exactField(spectrum);
  if (field) runs.push({ prefix: 'spectrum', variable: 'images', asked: `spectrum.${field}` });
  if (weightSpectrum) {
    runs.push({ prefix: 'weight-spectrum', variable: 'weights', asked: 'weightSpectrum' });
  }
  return runs;
}

function exactField(spectrum: NonNullable<Config['spectrum']>): string | null {
  if (spectrum.operator === 'hessian') return 'operator: hessian';
  if (spectrum.meanHessian) return 'meanHessian';
  return spectrum.compat ? `compat: ${spectrum.compat}` : null;
}

export const spectrum: Kind<SpectrumSpec, typeof sections, 'engine', typeof spectrumSeries> = {
  name: 'spectrum',
  version: 5,
  computedBy: 'engine',
  activity: { inputs: 'inputSpectrum', weights: 'weightSpectrum' },
  precision: 'float32',
  sections,
  series: spectrumSeries,
  prefixes: ['spectrum', 'weight-spectrum'],
  plan: { fitted },
  check(config) {
    if (config.spectrum) checkImages(config, 'spectrum', { images: config.spectrum.images });
    if (config.weightSpectrum) checkImages(config, 'weightSpectrum', config.weightSpectrum);
    checkTangents(config, secondDerivatives(config));
  },
  isChangedBy: ({ section }, { prefix }) =>
    section === (prefix === 'spectrum' ? 'spectrum' : 'weightSpectrum'),
  work: (spec) => ({
    variant: [spec.variable, spec.variable === 'inputs' ? spec.operator : spec.split],
    amount:
      spec.t.length *
      spec.images *
      (spec.variable === 'inputs' ? spec.maxSteps : weightProducts(spec)),
  }),
};
