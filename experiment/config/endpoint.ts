/** What an experiment file may say about an endpoint: trained, or made of what others are. */
import { z } from 'zod';
import { adversarial } from './adversarial.js';
import { entryName, fraction, positive, seed } from './fields.js';
import { trained, training } from './training.js';

const spawn = z.strictObject({
  seed: seed.describe('of the common start'),
  step: z.int().min(1).describe('steps that all endpoints spawned from that seed share'),
});

const prune = z.strictObject({
  fraction: fraction
    .lt(1)
    .describe('share of the filters of each convolution, those of the smallest l1 norm'),
});

const noise = z.strictObject({
  scale: positive.describe('standard deviation of each weight, in distances to the other endpoint'),
  other: entryName.describe('the endpoint whose distance, weight by weight, is the unit'),
});

const onCurve = z.strictObject({
  curve: entryName.describe('a fitted curve'),
  t: fraction.describe('where on it'),
});

const written = z
  .strictObject({
    seed: seed
      .optional()
      .describe('decides the initial weights, the order of the images, the attacks and the noise'),
    from: entryName.optional().describe('the endpoint that it begins with, instead of at random'),
    ...training,
    learningRate: training.learningRate.default(0.05),
    adversarial: adversarial
      .optional()
      .describe('train against an attacker instead of on the clean images alone'),
    spawn: spawn
      .optional()
      .describe('another seed decides everything up to a step, the own one what follows'),
    prune: prune
      .optional()
      .describe('filters of `from` that are zero and stay zero while it is fine-tuned'),
    inject: z.string().min(1).optional().describe('the injection by which `from` is changed'),
    noise: noise.optional().describe('`from` with normal noise on every weight; not trained'),
    onCurve: onCurve.optional().describe('a point of a fitted curve; not trained'),
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
      prune: pruned,
      spawn: spawned,
    } = value;
    const made = [
      ...(inject === undefined ? [] : ['inject']),
      ...(noisy === undefined ? [] : ['noise']),
      ...(point === undefined ? [] : ['onCurve']),
    ];
    if (made.length > 1)
      refuse(made[1]!, `there is ${made[0]!} already; an endpoint is one of them`);
    const needsFrom = inject !== undefined ? 'inject' : noisy ? 'noise' : pruned ? 'prune' : null;
    if (needsFrom !== null && from === undefined) refuse(needsFrom, 'say `from` which endpoint');
    if (spawned && from !== undefined) refuse('spawn', 'needs a start of its own, not `from`');
    if (own === undefined && inject === undefined && !point) refuse('seed', 'give a seed');
  });

export const endpoint = trained(written);

export type EndpointConfig = z.output<typeof endpoint>;

/** How an endpoint comes to its weights. */
export type EndpointKind = 'trained' | 'injected' | 'noisy' | 'on-curve';

export function endpointKind({ inject, noise, onCurve }: EndpointConfig): EndpointKind {
  if (inject !== undefined) return 'injected';
  if (noise !== undefined) return 'noisy';
  return onCurve === undefined ? 'trained' : 'on-curve';
}
