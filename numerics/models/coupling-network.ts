/** The network whose implicit layers have their coupling matrices as weights: what a curve through these is fitted in. */
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import type { Model } from './model.js';
import { network, type Network } from './network.js';

/** Names and shapes are those of the network itself; `coupling` is A, `scaling` is to be 0, `damping` does not count. */
export function couplingNetwork({ layers, ...rest }: Network): Model {
  return network({ ...rest, layers: layers.map(inCoordinates) });
}

function inCoordinates(layer: LayerRecord): LayerRecord {
  if (layer.kind === 'implicit') return { ...layer, coordinates: 'coupling' };
  if (layer.kind !== 'residual') return layer;
  const { branch, shortcut } = layer;
  return {
    ...{ ...layer, branch: branch.map(inCoordinates) },
    ...(shortcut === undefined ? {} : { shortcut: shortcut.map(inCoordinates) }),
  };
}
