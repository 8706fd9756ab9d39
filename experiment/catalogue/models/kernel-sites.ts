/** The kernels of a network: weights of its convolutions and dense layers, and who alone reads a channel. */
import type { LayerRecord } from './layer-records.js';

/** A convolution or dense layer within a network; its kernel is `name.weight`, its bias `name.bias`. */
export interface KernelSite {
  /** Its name with those of the blocks around it. */
  readonly name: string;
  readonly kind: 'convolution' | 'dense';
  /** Whether it is in the shortcut of a residual block. */
  readonly isShortcut: boolean;
}

/** All of them in order, those inside residual blocks included: a block's branch, then its shortcut. */
export function kernelSites(layers: readonly LayerRecord[]): readonly KernelSite[] {
  return sitesWithin(layers, '', false);
}

function sitesWithin(
  layers: readonly LayerRecord[],
  prefix: string,
  isShortcut: boolean,
): readonly KernelSite[] {
  return layers.flatMap((layer): readonly KernelSite[] => {
    switch (layer.kind) {
      case 'convolution':
      case 'dense':
        return [{ name: prefix + layer.name, kind: layer.kind, isShortcut }];
      case 'residual': {
        const within = `${prefix}${layer.name}.`;
        const { branch, shortcut = [] } = layer;
        return [...sitesWithin(branch, within, isShortcut), ...sitesWithin(shortcut, within, true)];
      }
      default:
        return [];
    }
  });
}

/** A layer whose output channels nobody but another reads. */
export interface SoleReader {
  readonly producer: string;
  readonly reader: string;
}

/** Producers and the only readers of their channels, in order; what a residual sum adds to has more than one. */
export function soleReaders(layers: readonly LayerRecord[], prefix = ''): readonly SoleReader[] {
  let producer: string | null = null;
  const pairs: SoleReader[] = [];
  for (const layer of layers) {
    switch (layer.kind) {
      case 'convolution':
      case 'dense':
        if (producer !== null) pairs.push({ producer, reader: prefix + layer.name });
        producer = prefix + layer.name;
        break;
      case 'residual': {
        const within = `${prefix}${layer.name}.`;
        pairs.push(...[layer.branch, layer.shortcut ?? []].flatMap((p) => soleReaders(p, within)));
        producer = null;
        break;
      }
      // Every channel in them depends on all others, or has another place after them.
      case 'implicit':
      case 'pad-channels':
        producer = null;
        break;
      case 'batch-norm':
      case 'normalise':
      case 'max-pool':
      case 'average-pool':
      case 'global-average-pool':
      case 'flatten':
      case 'relu':
      case 'leaky-relu':
      case 'softplus':
      case 'tanh':
      case 'dropout':
        break;
      default:
        throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
    }
  }
  return pairs;
}
