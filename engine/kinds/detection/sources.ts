/** The attacked versions of the clean images, one source after the other. */
import type { AttackNorm } from '../../../experiment/attacks/attack-fields.js';
import type { DetectionSpec } from '../../../experiment/kinds/detection.js';
import type { RunInput } from '../../../experiment/records/records.js';
import type { AdaptiveAttacker } from '../../../numerics/detection/adaptive-attack.js';
import type { Pause } from '../../../numerics/evaluation/batched.js';
import type { EngineContext } from '../../toolkit/context.js';
import type { Dataset } from '../../toolkit/data.js';
import { storedExamples, triggeredImages, type Changed, type DetectionImages } from './images.js';
import type { Place } from './manifolds.js';

export interface Source extends Changed {
  /** The attack, the backdoor, or `adaptive-` with the weight of the distance. */
  readonly name: string;
  /** Norm of the noise that it is compared with; null: with none. */
  readonly noise: AttackNorm | null;
}

export interface Attacked {
  readonly spec: DetectionSpec;
  readonly inputs: readonly RunInput[];
  readonly context: Pick<EngineContext, 'blobs'>;
  readonly data: Dataset;
  readonly images: DetectionImages;
  readonly attacker: AdaptiveAttacker | undefined;
}

/** Attacks, backdoors and the adaptive attacker, in the order of the specification. */
export async function* attackedSources(
  { spec, inputs, context, data, images, attacker }: Attacked,
  { t, weights, detector }: Place,
  pause: Pause,
): AsyncGenerator<Source> {
  for (const { name, norm } of spec.attacks) {
    const stored = await storedExamples(context, inputs, { name, t, images: spec.images });
    yield { ...stored, name, noise: norm };
  }
  for (const backdoor of spec.backdoors) {
    // A trigger changes few pixels by much: its size is that of the whole change.
    yield { ...triggeredImages(spec, data, backdoor), name: backdoor.name, noise: 'l2' };
  }
  for (const lambda of spec.adaptive?.lambdas ?? []) {
    const { pixels, labels } = images.clean;
    const task = { weights, images: pixels, labels, lambda };
    const attacked = detector && (await attacker!.attack({ ...task, detector }, pause));
    const counts = new Uint8Array(spec.images).fill(1);
    yield { name: adaptiveName(lambda), noise: null, pixels: attacked ?? pixels, counts };
  }
}

function adaptiveName(lambda: number): string {
  return `adaptive-${lambda}`;
}
