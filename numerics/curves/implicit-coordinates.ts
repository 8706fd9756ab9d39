/** The coordinates in which the control points of a curve between implicit networks are mixed. */
import {
  implicitSites,
  type ImplicitMixing,
} from '../../experiment/catalogue/models/implicit-sites.js';
import type { LayerRecord } from '../../experiment/catalogue/models/layer-records.js';
import { fromCoupling, toCoupling, withoutSigns, type Values } from '../implicit/symmetries.js';

/** To the coordinates and back; all of it leaves the function of a network as it is. */
export interface Coordinates {
  /** An endpoint that is an end of the curve. */
  readonly end: (endpoint: Values) => Values;
  /** A control point as it is stored, in the network's own weights. */
  readonly enter: (stored: Values) => Values;
  /** The network's own weights. */
  readonly leave: (point: Values) => Values;
}

const own: Coordinates = { end: same, enter: same, leave: same };

/**
 * `parameters`: the free parameters, with |a| at the ends, so that ends which differ in the sign of a are one.
 * `coupling`: A itself, in the gauge η = 0 of each end (`toCoupling`). Undefined: the weights as they are.
 */
export function coordinatesFor(
  layers: readonly LayerRecord[],
  mixing: ImplicitMixing | undefined,
): Coordinates {
  const sites = implicitSites(layers);
  switch (mixing) {
    case undefined:
      return own;
    case 'parameters':
      return { ...own, end: (values) => withoutSigns(sites, values) };
    case 'coupling': {
      const enter = (values: Values) => toCoupling(sites, values);
      return { end: enter, enter, leave: (values) => fromCoupling(sites, values) };
    }
    default:
      throw new Error(`unknown mixing ${String(mixing satisfies never)}`);
  }
}

function same(values: Values): Values {
  return values;
}
