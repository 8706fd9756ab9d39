/** How the weights of implicit layers mix along a path, as a part of a specification. */
import type { ImplicitMixing } from '../../catalogue/models/implicit-sites.js';
import type { CurveConfig } from '../../config/curve.js';

/** Nothing where the curve does not say: paths from before there was a choice keep their keys. */
export function implicitFields({ implicit }: Pick<CurveConfig, 'implicit'>): {
  readonly implicit?: ImplicitMixing;
} {
  return implicit === undefined ? {} : { implicit };
}
