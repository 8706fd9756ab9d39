/** The implicit layers of a network, and what they feed: what exact symmetries of their weights need to know. */
import { defaultBound, type ImplicitRecord, type LayerRecord } from './layer-records.js';

/** How the weights of implicit layers mix along a curve. */
export const implicitMixings = ['parameters', 'coupling'] as const;
export type ImplicitMixing = (typeof implicitMixings)[number];

/** An implicit layer within a network. */
export interface ImplicitSite {
  readonly layer: ImplicitRecord;
  /** Its name with those of the blocks around it. */
  readonly name: string;
  /** Bound m of its matrix measure. */
  readonly bound: number;
  /** The dense layer that follows at once, as it is named in the network; null: another layer, or none. */
  readonly next: string | null;
}

/** All implicit layers in order, those inside residual blocks included. */
export function implicitSites(
  layers: readonly LayerRecord[],
  prefix = '',
): readonly ImplicitSite[] {
  return layers.flatMap((layer, i): readonly ImplicitSite[] => {
    if (layer.kind === 'residual') {
      const within = `${prefix}${layer.name}.`;
      const parts = [layer.branch, layer.shortcut ?? []];
      return parts.flatMap((part) => implicitSites(part, within));
    }
    if (layer.kind !== 'implicit') return [];
    const after = layers[i + 1];
    const next = after?.kind === 'dense' ? prefix + after.name : null;
    return [{ layer, name: prefix + layer.name, bound: layer.m ?? defaultBound, next }];
  });
}

/**
 * Why the coupling matrices of a network cannot be mixed; null: they can. A gauge of the norm moves the weights D out
 * of the layer, past an activation that they commute with, into the dense layer behind it.
 */
export function unmixable(layers: readonly LayerRecord[]): string | null {
  for (const { layer, name, next } of implicitSites(layers)) {
    const { activation = 'relu' } = layer;
    if (activation !== 'relu' && activation !== 'leaky-relu') {
      return `${name} has ${activation}, which does not commute with a gauge of the norm as relu does`;
    }
    if (next === null) return `no dense layer follows ${name}`;
  }
  return null;
}
