/** Certificates of robustness in ℓ∞, as plain data. */

/**
 * `box`: bounds of the logits (of an implicit network its mixed-monotone box, MM; of others interval bound propagation).
 * `relative`: bounds of the margins, the last layer taken together with the comparison of its outputs (MM-C).
 * `lipschitz`: the margin against the ℓ∞ Lipschitz constant of an implicit network.
 */
export const certificateMethods = ['box', 'relative', 'lipschitz'] as const;
export type CertificateMethod = (typeof certificateMethods)[number];
