/** Endpoints in an experiment file: trained, or derived from others. */
import { z } from 'zod';
import { adversarial } from './training/adversarial.js';
import { certified } from './training/certified.js';
import { entryName, fraction, positive, seed } from './fields.js';
import { importedWeights, weightLayouts } from './imported.js';
import { quantisation } from './training/quantisation.js';
import { sparsity } from './training/sparsity.js';
import { trained, training } from './training/training.js';

const spawn = z.strictObject({
  seed: seed.describe('seed of the shared start'),
  step: z.int().min(1).describe('number of steps shared by all endpoints spawned from that seed'),
});

const prune = z.strictObject({
  fraction: fraction
    .lt(1)
    .describe('fraction of the filters of each convolution to prune, smallest l1 norm first'),
  granularity: z
    .enum(['filter', 'channel', 'weight'])
    .optional()
    .describe(
      'channel: of each convolution and dense layer but the last, smallest Frobenius norm first, with all that hangs on them; weight: of all weights of convolutions and dense layers together, smallest magnitude first (default filter)',
    ),
});

const noise = z.strictObject({
  scale: positive.describe(
    'standard deviation per weight, in units of its distance to the other endpoint',
  ),
  other: entryName.describe('endpoint whose distance, weight by weight, is the unit'),
});

const onCurve = z.strictObject({
  curve: entryName.describe('a fitted curve'),
  t: fraction.describe('position on the curve'),
});

const written = z
  .strictObject({
    seed: seed
      .optional()
      .describe('seed of the initial weights, the order of the images, the attacks and the noise'),
    from: entryName.optional().describe('endpoint to start from (default: random weights)'),
    ...training,
    learningRate: training.learningRate.default(0.05),
    adversarial: adversarial
      .optional()
      .describe('adversarial training (default: clean images alone)'),
    certified: certified
      .optional()
      .describe('certified training, by interval bounds within epsilon (default: none)'),
    quantisation: quantisation
      .optional()
      .describe('training of a network with quantised weights (default: float weights)'),
    optimiser: z
      .enum(['sgd', 'adam'])
      .optional()
      .describe('adam: with momentum as beta1, beta2 0.999 and epsilon 1e-8 (default sgd)'),
    optimiserRestarts: z
      .array(fraction.gt(0).lt(1))
      .min(1)
      .max(100)
      .refine((places) => places.every((at, i) => i === 0 || at > places[i - 1]!), {
        message: 'give them in order, each once',
      })
      .optional()
      .describe(
        'fractions of the steps at which the optimiser forgets: momentum and the moments of adam begin anew (default: none)',
      ),
    spawn: spawn
      .optional()
      .describe('use another seed up to a step, and its own seed from there on'),
    prune: prune.optional().describe('prune filters of `from`, which stay zero during fine-tuning'),
    sparsity: sparsity
      .optional()
      .describe('training of a sparse network from its first step (default: dense)'),
    inject: z.string().min(1).optional().describe('injection to apply to `from`'),
    noise: noise.optional().describe('`from` with Gaussian noise on every weight; not trained'),
    onCurve: onCurve.optional().describe('a point of a fitted curve; not trained'),
    import: importedWeights.optional(),
    layout: z
      .enum(weightLayouts)
      .optional()
      .describe('names and order of axes in the file of `import` (required with it)'),
  })
  .check(({ value, issues }) => {
    const refuse = (path: string, message: string): void => {
      issues.push({ code: 'custom', path: [path], message, input: value });
    };
    const {
      seed: own,
      from,
      inject,
      noise: noisy,
      onCurve: point,
      import: imported,
      layout,
      prune: pruned,
      spawn: spawned,
    } = value;
    const made = [
      ...(inject === undefined ? [] : ['inject']),
      ...(noisy === undefined ? [] : ['noise']),
      ...(point === undefined ? [] : ['onCurve']),
      ...(imported === undefined ? [] : ['import']),
    ];
    if (made.length > 1)
      refuse(made[1]!, `there is ${made[0]!} already; an endpoint is one of them`);
    const needsFrom = inject !== undefined ? 'inject' : noisy ? 'noise' : pruned ? 'prune' : null;
    if (needsFrom !== null && from === undefined) refuse(needsFrom, 'say `from` which endpoint');
    if (spawned && from !== undefined) refuse('spawn', 'needs a start of its own, not `from`');
    if (imported && layout === undefined) refuse('layout', `say ${weightLayouts.join(' or ')}`);
    if (layout !== undefined && !imported) refuse('layout', 'is that of `import`; leave it out');
    const seeded = inject === undefined && !point && !imported;
    if (value.certified && value.adversarial)
      refuse('certified', 'bounds hold for every attack: leave adversarial out, or this');
    if (value.optimiser === 'adam' && value.nesterov)
      refuse('nesterov', 'is a form of sgd; leave it out with adam');
    if (value.sparsity && pruned)
      refuse('sparsity', 'prune makes the network sparse already; leave one of them out');
    if (value.sparsity && value.optimiserRestarts)
      refuse('optimiserRestarts', 'would bring the first mask back; leave it out with sparsity');
    if (own === undefined && seeded) refuse('seed', 'give a seed');
  });

export const endpoint = trained(written);

export type EndpointConfig = z.output<typeof endpoint>;

/** How an endpoint gets its weights. */
export type EndpointKind = 'trained' | 'injected' | 'noisy' | 'on-curve' | 'imported';

export function endpointKind(endpoint: EndpointConfig): EndpointKind {
  const { inject, noise, onCurve, import: imported } = endpoint;
  if (imported !== undefined) return 'imported';
  if (inject !== undefined) return 'injected';
  if (noise !== undefined) return 'noisy';
  return onCurve === undefined ? 'trained' : 'on-curve';
}
