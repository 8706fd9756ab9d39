/** Which networks there are certificates for: what follows from their layers. */
import type { CertificateMethod } from '../certificate-methods.js';
import type { DenseRecord, ImplicitRecord, LayerRecord } from './layer-records.js';

/** An implicit layer between layers without weights and a dense one. */
export interface ImplicitHead {
  /** Layers before it, without weights. */
  readonly before: readonly LayerRecord[];
  readonly implicit: ImplicitRecord;
  readonly last: DenseRecord;
}

/** The last layer, which gives the logits; null: it is not dense. */
export function lastDense(layers: readonly LayerRecord[]): DenseRecord | null {
  const last = layers.at(-1);
  return last?.kind === 'dense' ? last : null;
}

/** The parts of a network such as nemon; null: it is built otherwise. */
export function implicitHead(layers: readonly LayerRecord[]): ImplicitHead | null {
  const [before, implicit, last] = [layers.slice(0, -2), layers.at(-2), lastDense(layers)];
  const isPlain = before.every(({ kind }) => kind === 'flatten' || kind === 'normalise');
  return implicit?.kind === 'implicit' && last && isPlain ? { before, implicit, last } : null;
}

/** Why a method certifies nothing of a network of these layers; null: it does. */
export function uncertifiable(
  layers: readonly LayerRecord[],
  method: CertificateMethod,
): string | null {
  const [without] = withoutRule(layers, 'layers');
  if (without !== undefined) return without;
  if (lastDense(layers) === null) return 'its last layer is not dense';
  if (method !== 'lipschitz' || implicitHead(layers) !== null) return null;
  return 'lipschitz takes an implicit layer and a dense one, after normalise and flatten alone';
}

/** Layers that are not monotone, those inside residual blocks included, each with its place in the file. */
function withoutRule(layers: readonly LayerRecord[], at: string): readonly string[] {
  return layers.flatMap((layer, i) => {
    const here = `${at}[${i}]`;
    if (layer.kind === 'residual') {
      return [
        ...withoutRule(layer.branch, `${here}.residual.body`),
        ...withoutRule(layer.shortcut ?? [], `${here}.residual.shortcut`),
      ];
    }
    if (layer.kind !== 'leaky-relu' || (layer.slope ?? 0) >= 0) return [];
    return [`its ${here}, leaky-relu with a negative slope, has no interval rule`];
  });
}
