/** Options of the ascents on two-layer networks. */

/** Activations of the hidden units, which have derivatives everywhere. */
export const smoothActivations = ['softplus', 'tanh'] as const;
export type SmoothActivation = (typeof smoothActivations)[number];

/** How the step depends on the scale of the inputs: not at all, or as they do. */
export const stepRules = ['fixed', 'proportional'] as const;
export type StepRule = (typeof stepRules)[number];
