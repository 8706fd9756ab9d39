/** Values of sweeps that differ are distinct cases under distinct names, whatever their order in the file. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandCases } from '../../../experiment/plan/cases.js';
import { expandBlock } from '../../../experiment/sweep/block.js';
import { digest } from '../../../experiment/sweep/digest.js';
import { valueIdentity } from '../../../experiment/sweep/identity.js';
import { labelText, shortenLabel } from '../../../experiment/sweep/labels.js';
import { fullRowLabel, rowLabel } from '../../../experiment/sweep/rows.js';
import { sweepSchema } from '../../../experiment/sweep/schema.js';
import { head, names, plan } from './sweeps.js';

function rows(block: unknown) {
  return expandBlock(sweepSchema.parse(block), ['sweep']);
}

function labels(block: unknown): readonly string[] {
  return rows(block).map(rowLabel);
}

/** Values that look alike: texts of numbers and words, signs that labels do not have, lists and maps of such. */
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, 'null', 'none', 'true', 'false', '', 'a', 'a b', 'a-b', 'a+b'),
  fc.constantFrom(64, '64', 0, -0, '0', '-0', 0.1, '0.1', '1e-7', 1e-7, 1e21, '1e+21', '1.0', '01'),
  fc.constantFrom(
    '8/255',
    '8:255',
    '8-255',
    8 / 255,
    'a:b',
    'a:1',
    'a~b',
    '8/255x',
    'ä',
    'é',
    '\n',
  ),
  fc.string({ maxLength: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', '8', ':'), scalar) },
  { weight: 1, arbitrary: fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }) },
);

describe('values of an axis', () => {
  it('are one exactly if their JSON is, and then have one label', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const equal = valueIdentity(a) === valueIdentity(b);
        expect(labelText(a) === labelText(b)).toBe(equal);
        expect(labelText(a)).toMatch(/^[a-zA-Z0-9._:+~-]*$/);
      }),
      { numRuns: 5000 },
    );
  });

  it('do not depend on the order of their keys, and -0 is 0', () => {
    expect(labelText({ b: 1, a: 2 })).toBe(labelText({ a: 2, b: 1 }));
    expect(labelText(-0)).toBe(labelText(0));
    expect(labels({ grid: { x: [0, -0, { a: 1, b: 2 }, { b: 2, a: 1 }] } })).toHaveLength(2);
  });

  it.each([
    [1, '1'],
    [0.1, '0.1'],
    [1e-7, '1e-7'],
    ['none', 'none'],
    [true, 'true'],
    ['cnn-small', 'cnn-small'],
    [[0, 0.5], '0+0.5'],
    [{ steps: 5, epsilon: 0.1 }, 'epsilon:0.1+steps:5'],
    [null, 'null'],
    ['8/255', '8:255'],
  ])('such as %j are called %s', (one, label) => {
    expect(labelText(one)).toBe(label);
  });

  it.each([['64'], ['true'], ['null'], ['a b'], ['a+b'], [['a']], [[]], ['8:255']])(
    'such as %j, whose text could be that of another value, carry a digest',
    (one) => {
      expect(labelText(one)).toMatch(/~[0-9a-z]{11}$/);
    },
  );

  it('make as many rows as there are distinct ones, in grids, zips, lists, unions and draws', () => {
    const several = fc.array(value, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(several, (values) => {
        const n = new Set(values.map(valueIdentity)).size;
        for (const block of [
          { grid: { x: values } },
          { zip: { x: values, y: values } },
          { list: values.map((x) => ({ x })) },
          { union: values.map((x) => ({ grid: { x: [x] } })) },
        ]) {
          const found = labels(block);
          expect(new Set(found).size).toBe(n);
          expect(found).toHaveLength(n);
        }
        const drawn = rows({ random: { n: 5, of: { x: values } } });
        const turned = rows({ random: { n: 5, of: { x: [...values].reverse() } } });
        expect(turned.map(rowLabel)).toEqual(drawn.map(rowLabel));
      }),
    );
  });

  it('have their label whatever the others are', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), value, (values, one) => {
        const own = labels({ grid: { x: [one] } })[0]!;
        expect(labels({ grid: { x: [...values, one] } })).toContain(own);
      }),
    );
  });
});

describe('conditions', () => {
  const left = (values: readonly unknown[], x: unknown) =>
    rows({ grid: { x: values, y: [1] }, exclude: { x } }).map((row) => row.get('x')!.value);

  it.each([
    [[null, 'none'], null, ['none']],
    [[null, 'none'], 'none', [null]],
    [[64, '64'], 64, ['64']],
    [[64, '64'], { not: 64 }, [64]],
    [[true, 'true'], [true], ['true']],
    [['a b', 'a-b'], 'a-b', ['a b']],
  ])('of %j on %j leave %j', (values, condition, expected) => {
    expect(left(values, condition)).toEqual(expected);
  });

  it('compare fractions as the numbers that they are', () => {
    const values = ['2/255', '8/255', 0.1];
    expect(left(values, { gte: '4/255' })).toEqual(['2/255']);
    expect(left(values, { lt: 0.01 })).toEqual(['8/255', 0.1]);
    const of = { x: { uniform: ['2/255', '8/255'] } };
    const drawn = rows({ random: { n: 50, of } }).map((row) => Number(row.get('x')!.value));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(2 / 255);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(8 / 255);
  });
});

describe('ends of a curve', () => {
  it('match if an axis has the same value in both, not the same text', () => {
    const ends = (a: string, b: string) => `${head}endpoints:
  A: { seed: 1, sweep: { grid: { adversarial: [${a}], epochs: [1] } } }
  B: { seed: 2, sweep: { grid: { adversarial: [${b}], epochs: [1] } } }
curves: { A-B: { from: A, to: B } }\n`;
    const robust = '{ epsilon: 0.1, stepSize: 0.05, steps: 2 }';
    const again = '{ steps: 2, stepSize: 0.05, epsilon: 0.1 }';
    const found = names(plan(ends(`null, ${robust}`, `${again}, null`)), 'curve');
    expect(found).toEqual([
      'A-B@adversarial=epsilon:0.1+stepSize:0.05+steps:2,epochs=1',
      'A-B@adversarial=null,epochs=1',
    ]);
  });
});

describe('the case with a field left out', () => {
  const text = (values: string) => `name: x\ndataset: shapes32\nmodel: preresnet26
endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
sweep: { grid: { batchNorm: [${values}] } }\n`;

  it.each(['none, null', 'null, none'])('is another than that with the text none: %s', (values) => {
    const { runs, signature } = plan(text(values));
    const sources = runs.flatMap(({ name, spec }) =>
      spec.kind === 'evaluation' && !name.includes('/line') ? [[name, spec.batchNorm]] : [],
    );
    expect(Object.fromEntries(sources)).toEqual({
      'evaluation/A-B@batchNorm=none': 'none',
      'evaluation/A-B@batchNorm=null': 'train',
    });
    expect(signature).toBe(plan(text('none, null')).signature);
  });
});

describe('names and keys of a sweep', () => {
  const axes = {
    seed: [1, 2, 3],
    epochs: [1, 2, null],
    momentum: [0, 0.9],
    adversarial: [
      { epsilon: 0.3, stepSize: 0.05, steps: 3 },
      { epsilon: '8/255', stepSize: '2/255', steps: 2 },
    ],
    'adversarial.epsilon': ['8/255', 8 / 255, 0.1],
  } as const;
  type Axis = keyof typeof axes;
  const text = (part: 'grid' | 'zip' | 'list', chosen: readonly (readonly [Axis, unknown[]])[]) => {
    const n = Math.min(...chosen.map(([, values]) => values.length));
    const columns = chosen.map(([axis, values]) => [axis, values.slice(0, n)] as const);
    const block =
      part === 'list'
        ? Array.from({ length: n }, (_, i) =>
            Object.fromEntries(columns.map(([axis, values]) => [axis, values[i]])),
          )
        : Object.fromEntries(part === 'grid' ? chosen : columns);
    const base = 'seed: 5, adversarial: { epsilon: 0.2, stepSize: 0.1, steps: 1 }';
    return `${head}endpoints: { A: { ${base}, sweep: ${JSON.stringify({ [part]: block })} } }\n`;
  };
  const pairsOf = (written: string) =>
    plan(written)
      .runs.map(({ name, key }) => `${name} ${key}`)
      .sort();

  it('are those of the permuted sweep: of axes in any part, of values in a grid', () => {
    const subset = fc.shuffledSubarray(Object.keys(axes) as Axis[], { minLength: 1, maxLength: 3 });
    const part = fc.constantFrom('grid' as const, 'zip' as const, 'list' as const);
    fc.assert(
      fc.property(subset, part, fc.boolean(), (chosen, of, backwards) => {
        const given = (order: readonly Axis[], turn: boolean) =>
          text(
            of,
            order.map((axis) => [axis, turn ? [...axes[axis]].reverse() : [...axes[axis]]]),
          );
        const other = given([...chosen].sort(), of === 'grid' && backwards);
        expect(pairsOf(other)).toEqual(pairsOf(given(chosen, false)));
      }),
      { numRuns: 60 },
    );
  });

  it('have a general axis set before one that is within it, whatever their order', () => {
    const [first, second] = [
      '"adversarial.epsilon":[0.1],"adversarial":[{"epsilon":0.3,"stepSize":0.05,"steps":2}]',
      '"adversarial":[{"epsilon":0.3,"stepSize":0.05,"steps":2}],"adversarial.epsilon":[0.1]',
    ].map((zip) => plan(`${head}endpoints: { A: { seed: 1, sweep: { zip: {${zip}} } } }\n`));
    expect(second!.runs).toEqual(first!.runs);
    expect(Object.values(first!.config.endpoints)[0]!.adversarial!.epsilon).toBe(0.1);
  });
});

describe('a label that is too long', () => {
  const wide = `${head}endpoints:
  A:
    sweep:
      random:
        n: 3
        of:
          {
            seed: [1, 9], epochs: [1, 2], batchSize: [64, 128],
            learningRate: [0.012345, 0.05], momentum: [0.85, 0.9], weightDecay: [0.0005, 0.001],
            adversarial.epsilon: [0.1, 0.2], adversarial.stepSize: [0.025], adversarial.steps: [5, 7],
            augmentation.padding: [2, 4], augmentation.flip: [true, false], adversarial.warmup: [0.5]
          }\n`;

  it('keeps its first axes, ends in a digest, and its entry is planned', () => {
    const found = names(plan(wide), 'endpoint');
    expect(found).toHaveLength(3);
    expect(new Set(found).size).toBe(3);
    for (const name of found) {
      expect(name).toMatch(/^A@adversarial\.epsilon=0\.[12],.*,more~[0-9a-z]{11}$/);
      expect(name.length).toBeLessThanOrEqual(202);
    }
    const { labels: whole } = plan(wide).config.sweep!;
    expect(
      Object.keys(whole!)
        .map((label) => `A@${label}`)
        .sort(),
    ).toEqual(found);
    for (const label of Object.values(whole!)) expect(label.split(',')).toHaveLength(12);
    const { curveName, wholeCurveName } = expandCases(plan(wide).config)[0]!;
    for (const name of found) {
      expect(curveName(name)).toBe(name);
      expect(wholeCurveName(name)).toBe(`A@${whole![name.slice(2)]!}`);
    }
  });

  it('stays as it is up to 200 characters, and is its own beyond them', () => {
    const long = fc.string({
      unit: fc.constantFrom('a', 'b', ','),
      minLength: 150,
      maxLength: 260,
    });
    fc.assert(
      fc.property(long, long, (a, b) => {
        expect(shortenLabel(a) === a).toBe(a.length <= 200);
        expect(shortenLabel(a).length).toBeLessThanOrEqual(200);
        expect(shortenLabel(a) === shortenLabel(b)).toBe(a === b);
      }),
    );
  });

  it('tells 200,000 texts apart that differ in little', () => {
    const digests = Array.from({ length: 200_000 }, (_, i) => digest(`a=${i % 7},b=${i}`));
    expect(new Set(digests).size).toBe(200_000);
  });

  it('names the runs of a whole experiment in the same way', () => {
    const fields = Array.from(
      { length: 9 },
      (_, i) => `attacks.a-rather-long-name-${i}.steps: [1, 2]`,
    );
    const attacks = Array.from(
      { length: 9 },
      (_, i) => `a-rather-long-name-${i}: { epsilon: 0.1, stepSize: 0.1, steps: 1, images: 10 }`,
    );
    const text = `${head}endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
attacks: { ${attacks.join(', ')} }
sweep: { zip: { ${fields.join(', ')} } }\n`;
    const summaries = names(plan(text), 'summary').filter((name) => !name.includes('line'));
    expect(summaries).toHaveLength(2);
    for (const name of summaries) expect(name).toMatch(/^A-B@attacks\.a-.*,more~[0-9a-z]{11}$/);
  });
});

it('labels of rows are those of their values, whole or shortened', () => {
  const [row] = rows({ list: [{ as: 'one', seed: 1 }] });
  expect([fullRowLabel(row!), rowLabel(row!)]).toEqual(['one', 'one']);
});
