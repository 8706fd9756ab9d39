/** What an experiment file may say about the ensemble of the networks on a path. */
import { z } from 'zod';
import { entryName, fraction } from './fields.js';

const fewest = 2;
const most = 101;

export const ensemble = z
  .strictObject({
    members: z
      .array(fraction)
      .min(fewest)
      .max(most)
      .optional()
      .describe('values of t in [0,1], ascending; or give points'),
    points: z
      .int()
      .min(fewest)
      .max(most)
      .optional()
      .describe('as many equally spaced values of t; 11 if members is left out as well'),
    attack: entryName
      .optional()
      .describe('one of the attacks of this file, against the mean output and from each member'),
    images: z.int().min(1).describe('how many test images, from the first'),
    randomMember: z
      .boolean()
      .optional()
      .describe(
        'also attack a defender who answers every request with one member drawn at random, by the expectation over the draw',
      ),
    compat: z
      .enum(['published'])
      .optional()
      .describe(
        'published: the sum of the logits over one less than there are members, as in the code of the paper, for the mean of the softmax outputs',
      ),
  })
  .refine(({ members, points }) => members === undefined || points === undefined, {
    path: ['points'],
    message: 'give members or points, not both',
  })
  .refine(({ randomMember, attack }) => !randomMember || attack !== undefined, {
    path: ['randomMember'],
    message: 'says what is attacked; name an attack',
  })
  .refine(({ members = [] }) => members.every((t, i) => i === 0 || t > members[i - 1]!), {
    path: ['members'],
    message: 'write each t once, in ascending order',
  });

export type EnsembleConfig = z.output<typeof ensemble>;
