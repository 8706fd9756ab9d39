/** Certificates against attacks on the same images: an image that is certified and broken is a mistake of the code. */
import { FailedRunError } from '../engine/failures.js';
import type { CertifiedAttacks } from '../experiment/kinds/strongest.js';
import { row, type SeriesRow } from '../experiment/records/rows.js';
import type { DecodedTensors } from '../stores/formats/safetensors.js';
import type { AttackedImages } from './strongest-attack.js';

/** Which images a certificate covers at one radius. */
export interface CertifiedImages {
  readonly t: readonly number[];
  /** Index of each image in its split of the data set, [images]. */
  readonly images: readonly number[];
  /** By t: whether any method certifies the image. */
  readonly certified: readonly (readonly boolean[])[];
}

/** From the artifact `certificates`; throws unless it has this radius. */
export function readCertifiedImages(
  { tensors, metadata }: DecodedTensors,
  epsilon: number,
): CertifiedImages {
  const list = (name: string) => JSON.parse(metadata[name] ?? '[]') as readonly number[];
  const [t, epsilons, methods] = [list('t'), list('epsilons'), list('methods')];
  const [image, margin] = [tensors.get('image')?.data, tensors.get('margin')?.data];
  const at = epsilons.indexOf(epsilon);
  if (image === undefined || margin === undefined || at < 0) {
    throw new Error(`the certificates hold no margins at epsilon ${epsilon}`);
  }
  const images = Array.from(image, Number);
  const certified = t.map((_t, i) =>
    images.map((_image, k) =>
      methods.some((_method, m) => {
        const place = (i * epsilons.length + at) * methods.length + m;
        return Number(margin[place * images.length + k]) > 0;
      }),
    ),
  );
  return { t, images, certified };
}

/** An attack by its name. */
export type NamedAttack = readonly [name: string, outcome: AttackedImages];

/**
 * `certified_broken:CERTIFICATE:EPSILON` at each t, always 0: throws a FailedRunError that names the certificate, the
 * attack, the t and the image of the first contradiction.
 */
export function checkCertificates(
  { certificate, epsilon }: CertifiedAttacks,
  { t, images, certified }: CertifiedImages,
  attacks: readonly NamedAttack[],
): readonly SeriesRow<'strongest'>[] {
  for (const [name, attacked] of attacks) {
    const place = new Map(attacked.images.map((image, k) => [image, k]));
    t.forEach((x, i) => {
      const there = attacked.t.indexOf(x);
      if (there < 0) throw new Error(`${name} did not attack at t = ${x}, where ${certificate} is`);
      images.forEach((image, k) => {
        const wrong = attacked.misclassified[there]![place.get(image) ?? -1];
        if (wrong === undefined) throw new Error(`${name} did not attack test image ${image}`);
        if (certified[i]![k]! && wrong) {
          const message = `certificates.${certificate} certifies test image ${image} at t = ${x}, epsilon ${epsilon}, and attacks.${name} has it misclassified: one of the two is wrong`;
          throw new FailedRunError({ type: 'crashed', message });
        }
      });
    });
  }
  const series = `certified_broken:${certificate}:${epsilon}` as const;
  return t.map((x) => row('strongest', series, { x, n: images.length }, 0));
}
