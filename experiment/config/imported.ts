/** Weights trained elsewhere, as an experiment file names them and as a plan knows them. */
import { z } from 'zod';

/** How the tensors of a file are named and laid out: as PyTorch does, or as Isthmus stores them. */
export const weightLayouts = ['pytorch', 'tensorflow'] as const;
export type WeightLayout = (typeof weightLayouts)[number];

/** Weights that were read: their bytes in the layout of stored networks, whatever file they came in. */
export interface ImportedWeights {
  /** The file's, for people. */
  readonly name: string;
  readonly digest: string;
  readonly bytes: number;
}

export const importedWeights: z.ZodType<ImportedWeights> = z
  .strictObject({
    name: z.string().min(1).max(255),
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex'),
    bytes: z.int().min(1),
  })
  .describe(
    'weights trained elsewhere: a .safetensors file, from the folder of the experiment file',
  );
