/** Weights of one network as Isthmus stores them: safetensors with the layout in the metadata. */
import { encodeSafetensors } from './safetensors.js';

/** Read by loaders in other languages: TensorFlow and PyTorch order the axes differently. */
export const weightsLayout = { 'layout.convolution': 'HWIO', 'layout.dense': '[in, out]' };

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Sets of the given tensors under name prefixes: `''` for one set, `bend1.` … for several. */
export function encodeWeights(
  model: string,
  specs: readonly NamedShape[],
  sets: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>,
): Uint8Array {
  const tensors = new Map(
    [...sets].flatMap(([prefix, values]) =>
      specs.map(({ name, shape }) => {
        const data = values.get(name)!;
        return [`${prefix}${name}`, { dtype: 'F32' as const, shape, data }] as const;
      }),
    ),
  );
  return encodeSafetensors(tensors, { model, ...weightsLayout });
}
