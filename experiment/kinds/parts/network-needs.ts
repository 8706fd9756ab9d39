/** Needs of endpoints and curves. */
import type { CurveConfig } from '../../config/curve.js';
import type { Role } from '../../specs/role.js';
import { runName } from '../../specs/run-name.js';
import type { DraftNeed } from '../draft.js';

export function endpointNeed(role: Role, endpoint: string): DraftNeed {
  return { role, name: runName('endpoint', endpoint) };
}

export function curveNeed(curve: string): DraftNeed {
  return { role: 'curve', name: runName('curve', curve) };
}

export function endNeeds({ from, to }: CurveConfig): readonly DraftNeed[] {
  return [endpointNeed('start', from), endpointNeed('end', to)];
}
