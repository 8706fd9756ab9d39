/** Adversarial training of endpoints and curves in an experiment file. */
import { z } from 'zod';
import { ascent } from '../ascent.js';
import { fraction, positive } from '../fields.js';

const onOverfitting = ['fail', 'record'] as const;

const method = z
  .enum(['pgd', 'trades', 'fast', 'trade-off'])
  .optional()
  .describe(
    'pgd: adversarial examples instead of clean images; trades: clean images, plus beta times the divergence of the predictions on adversarial examples; fast: adversarial examples of one step from a random start, checked for catastrophic overfitting; trade-off: clean images and adversarial examples, each cross-entropy times its weight (default pgd)',
  );

const weights = z
  .strictObject({
    clean: positive.max(1000).describe('of the cross-entropy on clean images'),
    adversarial: positive.max(1000).describe('of that on adversarial examples'),
  })
  .optional()
  .describe(
    'with method: trade-off, the two weights; they scale the gradient, so a sum other than 1 is a learning rate other than that of method: pgd (default 1 and 8)',
  );

export const adversarial = z
  .strictObject({
    ...ascent,
    stepSize: ascent.stepSize.optional(),
    steps: ascent.steps.optional().describe('of the attack; 1 with method: fast'),
    warmup: fraction
      .default(0.25)
      .describe('fraction of the steps over which epsilon and stepSize grow linearly from 0'),
    method,
    beta: positive
      .max(1000)
      .optional()
      .describe('weight of that divergence, with method: trades (default 6)'),
    weights,
    overfitting: z
      .enum(onOverfitting)
      .optional()
      .describe(
        'with method: fast, what follows where PGD on held-out images reveals catastrophic overfitting: the run fails, or accuracies are only recorded (default fail)',
      ),
  })
  .check(({ value, issues }) => {
    const { method: name, beta, overfitting, stepSize, steps, randomStart } = value;
    const refuse = (field: string, message: string): void => {
      issues.push({ code: 'custom', path: [field], message, input: value });
    };
    const isFast = name === 'fast';
    if (stepSize === undefined && !isFast) refuse('stepSize', 'give the length of one step');
    if (steps === undefined && !isFast) refuse('steps', 'give the number of steps');
    if (isFast && (steps ?? 1) !== 1) refuse('steps', 'fast takes 1 step; use method: pgd');
    if (beta !== undefined && name !== 'trades') refuse('beta', 'needs method: trades');
    if (value.weights !== undefined && name !== 'trade-off')
      refuse('weights', 'needs method: trade-off');
    if (overfitting !== undefined && !isFast) refuse('overfitting', 'needs method: fast');
    if (isFast && !randomStart) refuse('randomStart', 'fast begins at a random point of the ball');
    if (name === 'trades' && !randomStart)
      refuse('randomStart', 'trades begins beside the image: at it the divergence has no gradient');
  });

export type AdversarialConfig = z.output<typeof adversarial>;
export type OnOverfitting = (typeof onOverfitting)[number];
