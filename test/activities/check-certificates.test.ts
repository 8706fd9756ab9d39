// Certificates against attacks, from their artifacts: a contradiction fails by name.
import { expect, test } from 'vitest';
import { checkCertificates, readCertifiedImages } from '../../activities/check-certificates.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { StoredTensor } from '../../stores/formats/tensors.js';

const [t, epsilons, methods] = [
  [0, 1],
  [0.05, 0.1],
  ['box', 'relative'],
];
const images = [3, 5, 7];

/** Margins of every t, radius and method, in order; 3 images each. */
function certificates(margins: readonly number[]) {
  const shape = [t.length, epsilons.length, methods.length, images.length];
  const tensors = new Map<string, StoredTensor>([
    ['image', { dtype: 'I32', shape: [images.length], data: Int32Array.from(images) }],
    ['margin', { dtype: 'F32', shape, data: Float32Array.from(margins) }],
  ]);
  const metadata = { t, epsilons, methods };
  const texts = Object.entries(metadata).map(
    ([name, list]) => [name, JSON.stringify(list)] as const,
  );
  return decodeSafetensors(encodeSafetensors(tensors, Object.fromEntries(texts)));
}

// Of ε = 0.1 at t = 1: box certifies nothing, relative the last image.
const margins = Array.from({ length: 24 }, (_, i) => (i === 23 ? 0.2 : -0.1));
const claim = { certificate: 'mm', epsilon: 0.1, attacks: ['pgd'] };
const attack = (broken: readonly boolean[]) => ({
  ...{ t, images },
  misclassified: [[false, false, false], broken],
});

test('an image counts as certified where any method certifies it', () => {
  expect(readCertifiedImages(certificates(margins), 0.1).certified).toEqual([
    [false, false, false],
    [false, false, true],
  ]);
  expect(readCertifiedImages(certificates(margins), 0.05).certified.flat()).not.toContain(true);
});

test('attacks may break what is not certified', () => {
  const certified = readCertifiedImages(certificates(margins), 0.1);
  const rows = checkCertificates(claim, certified, [['pgd', attack([true, true, false])]]);
  expect(rows).toEqual(t.map((x) => ({ series: 'certified_broken:mm:0.1', x, value: 0 })));
});

test('a certified image that an attack breaks fails the run, and is named', () => {
  const certified = readCertifiedImages(certificates(margins), 0.1);
  const check = () => checkCertificates(claim, certified, [['pgd', attack([false, false, true])]]);
  expect(check).toThrow(
    'certificates.mm certifies test image 7 at t = 1, epsilon 0.1, and attacks.pgd has it misclassified',
  );
});

test('another radius or other images are no check', () => {
  expect(() => readCertifiedImages(certificates(margins), 0.2)).toThrow('epsilon 0.2');
  const certified = readCertifiedImages(certificates(margins), 0.1);
  const others = { ...attack([false, false, false]), images: [3, 5, 8] };
  expect(() => checkCertificates(claim, certified, [['pgd', others]])).toThrow('test image 7');
});
