// The worst case over attacks, from their artifacts.
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { readAttackedImages, strongestErrors } from '../../activities/strongest-attack.js';
import { encodeOutcomes } from '../../engine/toolkit/attack-outcomes.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import type { ImageOutcomes } from '../../numerics/attacks/runner/attack-outcome.js';

const t = [0, 0.5, 1];
const labels = Uint8Array.of(0, 1, 2, 0, 1);
const indices = Int32Array.of(3, 5, 7, 11, 13);

/** Which images the network misclassifies as they are, and attacked, at one t. */
interface Fooled {
  readonly clean: readonly boolean[];
  readonly attacked: readonly boolean[];
}

function outcomes({ clean, attacked }: Fooled): ImageOutcomes {
  const zeros = () => new Float32Array(labels.length);
  const predicted = Float32Array.from(labels, (label, k) => (clean[k]! ? label + 1 : label));
  return {
    clean: { nll: zeros(), predicted },
    images: {
      ...{ nll: zeros(), predicted: zeros(), distance: zeros(), pass: zeros() },
      ...{ fosc: zeros(), relativeFosc: zeros() },
      wrong: Float32Array.from(attacked, Number),
    },
  };
}

/** As the artifact of an attack has them. */
function attack(along: readonly Fooled[], images = indices) {
  const setting = { t, attack: { norm: 'linf', epsilon: 0.1 }, passes: ['pgd'] } as const;
  const measured = { indices: images, labels, shape: [1, 1, 1] as const };
  return readAttackedImages(
    decodeSafetensors(encodeOutcomes(setting, measured, along.map(outcomes))),
  );
}

const flags = fc.array(fc.boolean(), { minLength: labels.length, maxLength: labels.length });
const places = fc.array(flags, { minLength: t.length, maxLength: t.length });

test('counts an image that any attack fools, or that is misclassified as it is', () => {
  fc.assert(
    fc.property(places, places, places, (clean, one, other) => {
      const runs = [one, other].map((attacked) =>
        attack(clean.map((c, i) => ({ clean: c, attacked: attacked[i]! }))),
      );
      const rows = strongestErrors(['pgd', 'square'], runs);
      expect(rows.map(({ series, x }) => [series, x])).toEqual(
        t.map((x) => ['strongest_error:pgd+square', x]),
      );
      rows.forEach(({ value }, i) => {
        const count = (fooled: (k: number) => boolean) =>
          (100 * [...labels.keys()].filter(fooled).length) / labels.length;
        const any = count((k) => clean[i]![k]! || one[i]![k]! || other[i]![k]!);
        expect(value).toBeCloseTo(any, 10);
        expect(value).toBeGreaterThanOrEqual(count((k) => one[i]![k]!));
        expect(value).toBeGreaterThanOrEqual(count((k) => clean[i]![k]!));
      });
    }),
  );
});

test('refuses attacks on other images', () => {
  const none = labels.map(() => 0);
  const along = t.map(() => ({ clean: [...none].map(Boolean), attacked: [...none].map(Boolean) }));
  const others = attack(along, Int32Array.of(3, 5, 7, 11, 14));
  expect(() => strongestErrors(['pgd', 'square'], [attack(along), others])).toThrow(
    'square and pgd did not attack the same images',
  );
});
