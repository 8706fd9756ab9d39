/** Transfer of an attack between the places of a path, as a heat map of its error. */
import { transferMaps } from '../figures/heat-map.js';
import type { Presentation } from './presentation.js';

export const transferPresentation: Presentation<'transfer'> = {
  shown: ['transfer_error'],
  figures: transferMaps,
};
