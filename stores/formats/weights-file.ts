/** Weights of one network as Isthmus stores them: safetensors with the layout in the metadata. */
import { encodeSafetensors } from './safetensors.js';
import { packSparse } from './sparse-tensors.js';

/** Read by loaders in other languages: TensorFlow and PyTorch order the axes differently. */
export const weightsLayout = { 'layout.convolution': 'HWIO', 'layout.dense': '[in, out]' };

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Sets of the given tensors under name prefixes: `''` for one set, `bend1.` … for several; compact without their zeros. */
export function encodeWeights(
  model: string,
  specs: readonly NamedShape[],
  sets: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>,
  isCompact = false,
): Uint8Array {
  const tensors = new Map(
    [...sets].flatMap(([prefix, values]) =>
      specs.map(({ name, shape }) => {
        const data = values.get(name)!;
        return [`${prefix}${name}`, { dtype: 'F32' as const, shape, data }] as const;
      }),
    ),
  );
  const metadata = { model, ...weightsLayout };
  if (!isCompact) return encodeSafetensors(tensors, metadata);
  const packed = packSparse(tensors, metadata);
  return encodeSafetensors(packed.tensors, packed.metadata);
}
