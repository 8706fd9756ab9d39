/** Why channels of a network cannot be cut away so that a smaller network of the same function is left. */
import type { LayerRecord } from './layer-records.js';

/** Null: they can. Layers must follow one another, and what is 0 in a channel must stay 0. */
export function uncuttable(layers: readonly LayerRecord[]): string | null {
  for (const [i, layer] of layers.entries()) {
    switch (layer.kind) {
      case 'residual':
        return `the block ${layer.name} adds two branches, whose channels are the same`;
      case 'implicit':
        return `${layer.name} is implicit, and its units depend on each other`;
      case 'pad-channels':
        return 'padding fixes the number of channels';
      case 'softplus':
        return 'softplus of 0 is not 0';
      case 'normalise':
        if (layers.slice(0, i).some(({ kind }) => kind === 'convolution' || kind === 'dense'))
          return 'normalisation after a layer with weights makes something of 0';
        break;
      case 'convolution':
      case 'dense':
      case 'batch-norm':
      case 'max-pool':
      case 'average-pool':
      case 'global-average-pool':
      case 'relu':
      case 'leaky-relu':
      case 'tanh':
      case 'flatten':
      case 'dropout':
        break;
      default:
        throw new Error(`unknown layer ${JSON.stringify(layer satisfies never)}`);
    }
  }
  return null;
}
