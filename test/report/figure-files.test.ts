/** Figures as SVG files: what they plot, how they look to programs, and what they are called. */
import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../stores/results/results-store.js';
import { figuresOverSeeds } from '../../report/figures/over-seeds.js';
import { dark, light } from '../../report/figures/palette.js';
import { renderFigureFiles } from '../../report/files/figure-files.js';
import { fileNames } from '../../report/files/file-names.js';
import { renderReport } from '../../report/page/page.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import { areaIn, panelsIn, pointsIn } from './drawn.js';
import { metricsOf, quickPlan, recorded } from './experiment.js';
import { unbalancedTags } from './unbalanced-tags.js';

const everything = [
  'transfer={ attack: pgd-10, points: 3 }',
  'weightSpectrum={ images: 500, points: 3, trace: {} }',
  'spectrum.prediction={ epsilon: 0.1 }',
];
const seeds = [1, 2, 6];
const swept = 'sweep={ zip: { endpoints.A.seed: [1, 2, 6], endpoints.B.seed: [11, 12, 16] } }';

async function viewOf(...arguments_: Parameters<typeof recorded>): Promise<ExperimentView> {
  const { store, experiment } = recorded(...arguments_);
  return readExperimentView(store, experiment);
}

/** Every value is multiplied by the seed of A. */
async function sweptView(): Promise<ExperimentView> {
  const { store, experiment } = recorded(quickPlan(swept));
  const factor = ({ run }: RunRow): number => Number(/A\.seed=(\d+)/.exec(run.name)?.[1] ?? 1);
  const scaled = async () =>
    new Map(
      (await store.runsOf()).map((row) => [
        row.run.key,
        metricsOf(row.run).map((one) => ({ ...one, value: one.value * factor(row) })),
      ]),
    );
  return readExperimentView({ ...store, metricsOf: scaled }, experiment);
}

async function files(view: ExperimentView): Promise<ReadonlyMap<string, string>> {
  return new Map((await renderFigureFiles(view)).map(({ name, svg }) => [name, svg]));
}

const quick = await viewOf(quickPlan(...everything));
const drawn = await files(quick);

describe('a figure as a file', () => {
  it('is there once for every figure of the page, under a readable name', async () => {
    expect([...drawn.keys()]).toEqual(
      ['A-B', 'A-C'].flatMap((curve) =>
        ['loss', 'pgd-10', 'weight-hessian', 'transfer'].map((topic) => `${curve}-${topic}.svg`),
      ),
    );
    expect((await renderReport(quick)).match(/<figure /g)).toHaveLength(drawn.size);
  });

  it('plots the measured values: read back along its axes they are the data', () => {
    const [loss, error] = panelsIn(drawn.get('A-B-loss.svg')!) as [string, string];
    const { fitted, line } = quick.curves[0]!;
    for (const [panel, series] of [
      [loss, 'test_loss'],
      [error, 'test_error'],
    ] as const) {
      for (const [path, colour] of [
        [fitted, light.fitted],
        [line!, light.line],
      ] as const) {
        const found = pointsIn(panel, colour);
        const expected = path.evaluation[series]!;
        const top = Math.max(...expected.map(({ value }) => value));
        expect(found).toHaveLength(expected.length);
        expected.forEach(({ x, value }, i) => {
          expect(found[i]!.t).toBeCloseTo(x, 3);
          expect(found[i]!.value / top).toBeCloseTo(value / top, 4);
        });
      }
    }
  });

  it('draws predictions of the loss apart from it: they can be many times as large', () => {
    const [robust, predicted] = panelsIn(drawn.get('A-B-pgd-10.svg')!) as [string, string];
    const { attacks, spectrum } = quick.curves[0]!.fitted;
    const loss = attacks[0]!.series['robust_nll']!;
    expect(pointsIn(robust, light.robust)).toHaveLength(loss.length);
    expect(pointsIn(robust, light.line)).toHaveLength(0);
    const second = spectrum!.series['second_order_nll_mean']!;
    expect(pointsIn(predicted, light.line)).toHaveLength(second.length);
  });

  it('shows a matrix as cells with their values, shaded by them', () => {
    const svg = drawn.get('A-B-transfer.svg')!;
    const shaded = [...svg.matchAll(/fill-opacity="([\d.]+)"\/>\s*<text[^>]*>([\d.]+)</g)];
    const row = [
      ['0.55', '70.00'],
      ['0.31', '40.00'],
      ['0.08', '10.00'],
    ];
    expect(shaded.slice(0, 3).map(([, shade, value]) => [shade, value])).toEqual(row);
    expect(shaded).toHaveLength(9);
  });

  it.each([...drawn])('%s is well-formed, self-contained and described', (name, svg) => {
    expect(unbalancedTags(svg)).toEqual([]);
    expect(svg).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
    expect(svg).not.toMatch(/var\(|inherit|<script|<image|href|@import|url\(|undefined|NaN/);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toContain('//');
    const ids = /role="img" aria-labelledby="(\S+) (\S+)"/.exec(svg)!;
    expect(svg).toMatch(new RegExp(`<title id="${ids[1]}">[^<]* along A-[BC]</title>`));
    expect(svg).toMatch(new RegExp(`<desc id="${ids[2]}">[^<]{20,}</desc>`));
    expect(ids[1]).toBe(`${name.replace('.svg', '')}-title`);
  });

  it.each([...drawn])('%s has each of its colours for light and for dark', (_, svg) => {
    const [, style, body] = /<style>(.*)<\/style>([\s\S]*)/.exec(svg)!;
    expect(style).toMatch(/^@media \(prefers-color-scheme: dark\)\{/);
    const used = new Set([...body!.matchAll(/(?:fill|stroke)="(#\w+)"/g)].map(([, hex]) => hex!));
    expect(used).toContain(light.paper);
    for (const hex of used) {
      const [name] = Object.entries(light).find(([, colour]) => colour === hex)!;
      expect(dark[name as keyof typeof dark]).not.toBe(hex);
      expect(style).toContain(`[fill="${hex}"]{fill:${dark[name as keyof typeof dark]}}`);
      expect(style).toContain(`[stroke="${hex}"]{stroke:${dark[name as keyof typeof dark]}}`);
    }
    expect(new Set(Object.values(light)).size).toBe(Object.keys(light).length);
  });

  it('has the same bytes each time', async () => {
    expect(await files(quick)).toEqual(drawn);
  });

  it('says in the drawing too that a failed check puts it in doubt', async () => {
    const [curve] = quick.curves as [ExperimentView['curves'][number]];
    const check = {
      ...{
        name: 'zero gradient',
        meaning: 'the gradient is masked',
        docs: 'docs/concepts/attacks.md',
        limit: 0,
      },
      ...{ series: 'attack_zero_gradient', failed: [{ x: 0, value: 1 }], measured: 3 },
    };
    const attacks = curve.fitted.attacks.map((one) => ({ ...one, checks: [check] }));
    const doubtful = { ...curve, fitted: { ...curve.fitted, attacks } };
    const svg = (await files({ ...quick, curves: [doubtful] })).get('A-B-pgd-10.svg')!;
    expect(svg).toContain(
      '>In doubt: check zero gradient failed (docs/concepts/attacks.md).</text>',
    );
    expect(svg).toMatch(/<desc[^>]*>[^<]*The gradient is masked/);
    expect(svg).toContain(`fill="${light.bad}"`);
  });
});

describe('names of files', () => {
  const named = (curve: string, topic: string, source: 'attack' | 'evaluation' = 'attack') => ({
    ...{ curve, topic, source },
  });

  it('are safe, and no two alike, whatever the names of curves and attacks', () => {
    const nasty = [
      named('A-B@seed=1,to.seed=2', 'loss'),
      named('A-B@seed_1,to.seed_2', 'loss'),
      ...[named('A-B', 'loss', 'evaluation'), named('A-B', 'loss'), named('a-b', 'LOSS')],
      ...[named('C-D', 'p'), named('c-d', 'P')],
      ...[named('A', 'B-loss'), named('A@x~ä/../..', 'p'), named('A@x~ö/../..', 'p')],
      ...[named(`A@${'x'.repeat(240)}1`, 'p'), named(`A@${'x'.repeat(240)}2`, 'p')],
    ];
    const names = fileNames(nasty);
    expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(nasty.length);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/);
    expect([...fileNames([...nasty].reverse())].reverse()).toEqual(names);
    expect(fileNames([named('A-B@seed=1', 'loss')])).toEqual(['A-B_seed_1-loss']);
  });

  it('are the same while some figures are not there yet', async () => {
    const changes = ['attacks.loss={ epsilon: 0.1, stepSize: 0.02, steps: 5, images: 100 }'];
    const whole = await files(await viewOf(quickPlan(...changes)));
    const waiting = { 'attack/A-B/loss': 'queued', 'spectrum/A-B': 'queued' } as const;
    const part = await files(await viewOf(quickPlan(...changes), waiting));
    expect(part.size).toBe(whole.size - 1);
    expect([...whole.keys()]).toEqual(expect.arrayContaining([...part.keys()]));
    // The attack is named like the figure of the loss.
    const alike = [...whole.keys()].filter((name) => name.startsWith('A-B-loss-'));
    expect(alike.map((name) => part.has(name))).toEqual([true, false]);
  });
});

describe('curves that a sweep repeats over seeds', () => {
  it('are drawn together: the mean, and a band of one standard deviation', async () => {
    const view = await sweptView();
    const svg = (await files(view)).get('A-B-loss-over-seeds.svg')!;
    expect(svg).toContain(
      'Test loss and test error along A-B: mean over seeds (n = 3), with a band of ± one standard',
    );
    const [, error] = panelsIn(svg) as [string, string];
    const single = metricsOf(quickPlan().runs.find(({ name }) => name === 'evaluation/A-B')!)
      .filter(({ series }) => series === 'test_error')
      .map(({ value }) => value);
    // Of 1, 2 and 6 the mean is 3 and the standard deviation the root of (4 + 1 + 9) / 2.
    expect(seeds).toEqual([1, 2, 6]);
    const middle = pointsIn(error, light.fitted);
    const area = areaIn(error, light.fitted);
    expect(middle).toHaveLength(single.length);
    expect(area).toHaveLength(2 * single.length);
    single.forEach((value, i) => {
      const edges = [area[i]!.value, area.at(-1 - i)!.value].sort((a, b) => a - b);
      expect(middle[i]!.value / value).toBeCloseTo(3, 2);
      expect(edges[0]! / value).toBeCloseTo(3 - Math.sqrt(7), 2);
      expect(edges[1]! / value).toBeCloseTo(3 + Math.sqrt(7), 2);
    });
    expect(unbalancedTags(svg)).toEqual([]);
  });

  it('stand on the page before the single curves', async () => {
    const page = await renderReport(await sweptView());
    const titles = [...page.matchAll(/<h2>(Curve [^<]*)</g)].map(([, title]) => title);
    expect(titles.slice(0, 2)).toEqual(['Curve A-B over seeds', 'Curve A-C over seeds']);
    expect(titles).toHaveLength(2 + 6);
    expect(unbalancedTags(page)).toEqual([]);
  });

  it('say over how many they are where some have no result, and draw no band over one', () => {
    const point = { x: 0.5, value: 4 };
    const figure = (from: string, points: readonly { x: number; value: number }[]) => ({
      ...({ kind: 'lines', curve: 'c', source: 'evaluation', topic: 'loss' } as const),
      ...{ caption: { html: '' }, doubts: [] },
      panels: [
        {
          ...{ title: 'Loss', yLabel: 'y', from, to: 'B' },
          lines: [{ label: 'fitted', role: 'fitted', points } as const],
        },
      ],
    });
    const [joined] = figuresOverSeeds('A-B', [
      [figure('A@epochs=2,seed=1', [{ x: 0, value: 1 }, point])],
      [figure('A@epochs=2,seed=2', [{ x: 0, value: 3 }])],
    ]);
    const [panel] = joined!.panels;
    expect(panel).toMatchObject({ from: 'A@epochs=2', to: 'B' });
    expect(panel!.lines[0]!.points).toMatchObject([{ x: 0, value: 2 }, point]);
    expect(panel!.lines[0]!.band).toEqual([{ x: 0, low: 2 - Math.SQRT2, high: 2 + Math.SQRT2 }]);
    expect(joined!.caption.html).toContain('n = 1 to 2');
  });
});
