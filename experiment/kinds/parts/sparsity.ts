/** Sparse training from its configuration. */
import type { SparsityConfig } from '../../config/training/sparsity.js';
import type { SparsitySpec } from '../../specs/training.js';

export function sparsitySpec(config: SparsityConfig): SparsitySpec {
  const { density, method, initial, admm } = config;
  const first = { density, initial };
  if (method === 'fixed') return first;
  const { growth = 'momentum', redistribution = 'momentum', every = 'epoch' } = config;
  const { removal = { from: 0.5, to: 0.005 } } = config;
  return {
    ...first,
    rewiring: { growth, redistribution, removal, every },
    ...(admm ? { admm } : {}),
  };
}
