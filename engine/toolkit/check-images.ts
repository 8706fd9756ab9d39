/** Refuses selections that turn out empty once the labels are known; a plan knows counts only. */
import type { Backdoor } from '../../experiment/records/data.js';
import { UserError } from '../../experiment/errors.js';
import type { AttackSpec } from '../../experiment/records/measurements.js';
import type { Faults } from '../../numerics/tampering/injection/choose-faults.js';

interface Labelled {
  readonly labels: ArrayLike<number>;
}

/** The success of a backdoor is measured on triggered images, those that are not of the target class. */
export function checkTriggered(
  { labels }: Labelled,
  { series, target }: Backdoor & { readonly series: string },
): void {
  if (Array.from(labels).some((label) => label !== target)) return;
  refuse(
    `${series}: ${all(labels.length)} to evaluate on ${are(labels.length)} of the target class ${target}, none would carry the trigger; give bonafide a smaller pool or another seed`,
  );
}

/** An attack towards one class needs images of another. */
export function checkAim(spec: AttackSpec, { labels }: Labelled): void {
  if (spec.method !== undefined || spec.target?.class === undefined) return;
  const { class: aim } = spec.target;
  if (Array.from(labels).some((label) => label !== aim)) return;
  refuse(
    `target.class: ${all(labels.length)} to attack ${are(labels.length)} of class ${aim} already; attack more images, or towards another class`,
  );
}

/** Where targets are drawn from all classes, an image's own among them, some must be another. */
export function checkFaults({ labels, targets, wrong }: Faults): void {
  if (targets.slice(0, wrong).some((target, i) => target !== labels[i])) return;
  refuse(
    `wrong: ${wrong} target${wrong === 1 ? '' : 's'} drawn from all classes ${are(wrong)} the image's own, nothing would be injected; change seed or raise wrong`,
  );
}

/** Poisoned data hold at least one triggered image. */
export function checkPoisoned(
  indices: ArrayLike<number>,
  fraction: number,
  { labels }: Labelled,
): void {
  if (indices.length > 0) return;
  refuse(
    `fraction: ${fraction} of ${labels.length} training images poisons none of them; raise it`,
  );
}

function all(count: number): string {
  return count === 1 ? 'the one image' : `all ${count} images`;
}

function are(count: number): string {
  return count === 1 ? 'is' : 'are';
}

function refuse(why: string): never {
  throw new UserError('bad-input', why);
}
