/** Quantised training from its configuration. */
import { kernelSites, type KernelSite } from '../../catalogue/models/kernel-sites.js';
import type { LayerRecord } from '../../catalogue/models/layer-records.js';
import type { QuantisationConfig } from '../../config/training/quantisation.js';
import type { QuantisationGrid, QuantisationSpec } from '../../specs/quantisation.js';

const defaultBits = 4;
/** The published relaxation (Li et al. 2020): η grows by 5 % an epoch until 120 epochs of 200. */
const published = { start: 1, growth: 1.05, hard: 0.6 };

export function quantisationSpec(
  config: QuantisationConfig,
  layers: readonly LayerRecord[],
): QuantisationSpec {
  const { start, growth, hard } = { ...published, ...defined(config) };
  return {
    grid: grid(config),
    per: config.per,
    weights: quantisedLayers(config, layers).map((name) => `${name}.weight`),
    ...(config.method === 'binary-relax' ? { relaxation: { start, growth, hard } } : {}),
  };
}

function grid({ scheme, variant = 'exact', bits = defaultBits }: QuantisationConfig) {
  switch (scheme) {
    case 'binary':
      return { scheme } satisfies QuantisationGrid;
    case 'ternary':
      return { scheme, variant } satisfies QuantisationGrid;
    case 'uniform':
      return { scheme, bits } satisfies QuantisationGrid;
    default:
      throw new Error(`unknown scheme ${String(scheme satisfies never)}`);
  }
}

function defined({ start, growth, hard }: QuantisationConfig) {
  return {
    ...(start === undefined ? {} : { start }),
    ...(growth === undefined ? {} : { growth }),
    ...(hard === undefined ? {} : { hard }),
  };
}

/** Words of `float` that are no names of layers. */
export const floatGroups = ['first', 'last', 'shortcuts'] as const;

/** The layers whose kernels are quantised, in the order of the network. */
export function quantisedLayers(
  { layers: asked, float }: Pick<QuantisationConfig, 'layers' | 'float'>,
  layers: readonly LayerRecord[],
): readonly string[] {
  const sites = kernelSites(layers);
  const isFloat = (site: KernelSite, i: number): boolean =>
    float.includes(site.name) ||
    (float.includes('first') && i === 0) ||
    (float.includes('last') && i === sites.length - 1) ||
    (float.includes('shortcuts') && site.isShortcut);
  return sites
    .filter((site, i) => !isFloat(site, i) && (asked === 'all' || site.kind === 'convolution'))
    .map(({ name }) => name);
}
