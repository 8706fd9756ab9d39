/**
 * nemon: an implicit layer of 100 units and a dense one, 89,710 parameters for MNIST (Jafarpour, Davydov, Proskurnikov
 * and Bullo 2021; trained for certificates in Davydov et al. 2022). Pixels are normalised as there, by MNIST's own mean
 * and deviation.
 */
import { anySize, type Architecture } from './layer-records.js';

export const nemon: Architecture = {
  side: [1, anySize],
  layers: [
    { kind: 'normalise', mean: [0.1307], deviation: [0.3081] },
    { kind: 'flatten' },
    { kind: 'implicit', name: 'implicit1', units: 100 },
    { kind: 'dense', name: 'fc1', units: 'classes', initial: 'fan-in-uniform' },
  ],
};
