import { describe, expect, it } from 'vitest';
import { outOfBoundsWarning } from '../../experiment/records/loss-bound.js';
import { absent } from '../../experiment/records/quantity.js';
import { longRows } from '../../report/view/long-rows.js';
import { readExperimentView } from '../../report/view/read-view.js';
import type { ExperimentView } from '../../report/view/records.js';
import { renderReport } from '../../report/page/page.js';
import { environment, quickPlan, recorded } from './experiment.js';
import { unbalancedTags } from './unbalanced-tags.js';

async function viewOf(...arguments_: Parameters<typeof recorded>): Promise<ExperimentView> {
  const { store, experiment } = recorded(...arguments_);
  return readExperimentView(store, experiment);
}

describe('the report', () => {
  it('is one well-formed page that loads nothing and runs nothing', async () => {
    const page = await renderReport(await viewOf(quickPlan()));
    expect(page).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(unbalancedTags(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!www\.w3\.org)/);
  });

  it('has two figures for each curve, each described for those who cannot see it', async () => {
    const page = await renderReport(await viewOf(quickPlan()));
    expect(page.match(/<figure /g)).toHaveLength(4);
    expect(page.match(/<figcaption><b>Figure \d\.<\/b>/g)).toHaveLength(4);
    const labels = [...page.matchAll(/<svg [^>]*role="img" aria-label="([^"]*)"/g)].map(
      ([, label]) => label,
    );
    expect(labels).toHaveLength(8);
    expect(labels).toContain('Test error along t from A to B: fitted curve and straight line');
    expect(labels).toContain('Mean top eigenvalue along t from A to C: mean top eigenvalue');
  });

  it('shows where along a path a backdoor works, and the paper beside what repairs it', async () => {
    const plan = quickPlan(
      'bonafide={}',
      'backdoors={ square: { target: 1 } }',
      'endpoints.B.backdoor=square',
      'endpoints.B.steps=5',
      'curves={ A-B: { from: A, to: B, bonafide: 500, steps: 5 } }',
    );
    const page = await renderReport(await viewOf(plan));
    expect(page).toContain('aria-label="attack success along t from A to B: fitted curve');
    expect(page).toContain(
      'Fraction of the triggered images that are classified as the attacker wants',
    );
    expect(page).toMatch(/path A-B, t = 0 \(tampered\)<\/th>\s*<td class="w">98.8 \/ 100.0/);
    expect(page).toContain('regular, backdoor square');
    expect(page).toContain('As published, single-target backdoor');
  });

  it('has one figure more for the weight Hessian, and says what its loss is', async () => {
    const plan = quickPlan('weightSpectrum={ images: 500, points: 3, trace: {} }');
    const page = await renderReport(await viewOf(plan));
    expect(page.match(/<figure /g)).toHaveLength(6);
    const shown = page.replaceAll(/\s+/g, ' ');
    expect(shown).toContain(
      'mean cross-entropy (without weight decay) over the first 500 train images',
    );
    expect(shown).toContain(
      'Weight Hessian along t from A to B: largest weight eigenvalue and smallest weight eigenvalue',
    );
    expect(shown).toContain('Trace of the weight Hessian along t from A to C: trace, estimated');
    for (const head of [
      'largest weight eigenvalue',
      'smallest weight eigenvalue',
      'smallest ±',
      'weight trace',
    ]) {
      expect(shown).toMatch(new RegExp(`<th[^>]*>${head}`));
    }
  });

  it('shades the transfer of attacks, and tables barriers, correlations and the ensemble', async () => {
    const plan = quickPlan(
      'transfer={ attack: pgd-10, points: 3 }',
      'ensemble={ members: [0, 1], attack: pgd-10, images: 500, randomMember: true }',
      'spectrum.prediction={ epsilon: 0.1 }',
    );
    const page = await renderReport(await viewOf(plan));
    expect(unbalancedTags(page)).toEqual([]);
    expect(page.match(/<figure /g)).toHaveLength(6);
    const shown = page.replaceAll(/\s+/g, ' ');
    expect(shown).toContain(
      'Transfer of pgd-10 along A-B: error in % of the first 1000 test images',
    );
    // Crafted at 0: 70, 40 and 10, against the largest.
    const [first] = /<tr> <th scope="row">0\.00.*?<\/tr>/.exec(
      shown.slice(shown.indexOf('class="heat"')),
    )!;
    expect([...first.matchAll(/--shade: (\d+)%">([\d.]+)/g)].map((m) => [m[1], m[2]])).toEqual([
      ...[
        ['55', '70.00'],
        ['31', '40.00'],
        ['8', '10.00'],
      ],
    ]);
    expect(shown).toContain('A-B: barriers, above the line between the ends and above their mean');
    expect(shown).toMatch(
      /pgd-10: mean top eigenvalue<\/th>\s*<td class="w">0\.94 \[0\.61, 0\.99\]/,
    );
    expect(shown).toContain('mean of the softmax outputs) over the first 500 test images');
    expect(shown).toContain('second-order prediction, ε 0.1');
    const random = /a member drawn at random<\/th>(.*?)<\/tr>/.exec(shown)![1]!;
    expect([...random.matchAll(/>([^<> ]+)</g)].map(([, cell]) => cell)).toEqual(
      ['1.90', '47.50', '–'], // the ensemble's own attack is another one
    );
  });

  it('says how many starts an attack had, if more than one', async () => {
    const text = async (...changes: string[]) =>
      (await renderReport(await viewOf(quickPlan(...changes)))).replaceAll(/\s+/g, ' ');
    expect(await text('attacks.pgd-10.restarts=5')).toContain('10 steps, worst of 5 starts, first');
    expect(await text()).not.toContain('worst of');
  });

  it('draws as many points as were measured', async () => {
    const page = await renderReport(
      await viewOf(quickPlan('evaluation.points=5', 'spectrum.points=7')),
    );
    const svgs = [...page.matchAll(/<svg viewBox[\s\S]*?<\/svg>/g)].map(([svg]) => svg);
    const points = (label: string): number => {
      const svg = svgs.find((text) => text.includes(`aria-label="${label}`))!;
      return svg.match(/A2\.55,2\.55[^"]*" fill="var/g)?.length ?? 0;
    };
    expect(points('Test loss along t from A to B')).toBe(10);
    expect(points('Mean top eigenvalue along t from A to B')).toBe(7);
  });

  it('states correlations, endpoints, keys, environment and the configuration', async () => {
    const plan = quickPlan();
    const page = (await renderReport(await viewOf(plan))).replaceAll(/\s+/g, ' ');
    expect(page).toContain('Pearson 0.941, Spearman 0.982 (n = 11)');
    expect(page).toMatch(/<th[^>]*>mean over arc length/);
    expect(page).toContain('<td class="n">98.83</td>');
    expect(page).toContain(plan.signature);
    for (const { key } of plan.runs) expect(page).toContain(key.slice(0, 10));
    expect(page).toContain('TensorFlow 2.9.1');
    expect(page).toMatch(/<pre>[^<]*learningRate: 0\.05/);
  });

  it('states the GPU, its libraries and switches, and where a run was begun', async () => {
    const { store, experiment } = recorded(quickPlan());
    const card = { name: 'NVIDIA H200', uuid: 'GPU-1', driver: '580.95.05', memoryMb: 143771 };
    const gpu = {
      card: { ...card, mig: { profile: '1g.18gb', uuid: 'MIG-2' } },
      libraries: { libcudnn: '9.19.0.56', libcublas: '12.9.1.4' },
      switches: { TF_DETERMINISTIC_OPS: '1' },
    };
    const own = { ...environment, device: 'gpu', gpu, otherMachine: 'saved on A; this is B' };
    const rows = (await store.runsOf()).map((row) => ({ ...row, environment: own }));
    const view = await readExperimentView({ ...store, runsOf: async () => rows }, experiment);
    const page = (await renderReport(view)).replaceAll(/\s+/g, ' ');
    expect(unbalancedTags(page)).toEqual([]);
    expect(page).toContain('NVIDIA H200 MIG 1g.18gb, driver 580.95.05, 143771 MB, MIG-2');
    expect(page).toContain('libcublas 12.9.1.4, libcudnn 9.19.0.56');
    expect(page).toContain('TF_DETERMINISTIC_OPS=1');
    expect(page).toContain('saved on A; this is B');
    const plain = await renderReport(await viewOf(quickPlan()));
    expect(plain).not.toContain('<dt>GPU</dt>');
  });

  it('shows what a user wrote as text, never as markup', async () => {
    const evil = '</style><script>alert("x")</script>&amp;';
    const page = await renderReport(await viewOf(quickPlan(`description=${JSON.stringify(evil)}`)));
    expect(page).toContain(
      '&lt;/style&gt;&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;amp;',
    );
    expect(page).not.toContain('<script');
  });

  it('of a partly failed experiment shows what is there and says what is missing', async () => {
    const lost = [
      'curve/A-C',
      'evaluation/A-C',
      'attack/A-C/pgd-10',
      'spectrum/A-C',
      'summary/A-C',
    ];
    const states = Object.fromEntries(lost.map((name) => [name, 'blocked'] as const));
    const page = await renderReport(
      await viewOf(quickPlan(), { ...states, 'curve/A-C': 'failed' }),
    );
    expect(unbalancedTags(page)).toEqual([]);
    expect(page).toContain('5 of 17 runs have no result');
    expect(page).toContain('curve/A-C: failed (diverged: the loss is not finite at step 12)');
    expect(page).toContain('The fitted curve is not there');
    expect(page.match(/<figure /g)).toHaveLength(3);
  });

  it('says why a value does not exist, over how many it is, and which result to doubt', async () => {
    const view = await viewOf(quickPlan());
    const runs = view.runs.map((run) => {
      if (run.name === 'endpoint/B') return { ...run, warning: outOfBoundsWarning(8.6e14) };
      if (run.name !== 'summary/A-B') return run;
      return { ...run, absent: [{ series: 'pgd.pearson', x: 0, ...absent('too-few', 2) }] };
    });
    const page = (await renderReport({ ...view, runs })).replaceAll(/\s+/g, ' ');
    expect(page).toContain('endpoint/B: warning: training loss reached 8.6e+14');
    expect(page).toMatch(
      /summary\/A-B<\/th>\s*<td class="w">pgd\.pearson<\/td>\s*<td class="n">2<\/td>\s*<td class="w">too-few: it needs more values/,
    );
    const rows = longRows({ ...view, runs }).filter(({ series }) => series === 'pgd.pearson');
    expect(rows).toMatchObject([{ value: null, n: 2, reason: 'too-few' }]);
  });

  it('of an experiment that has only begun is a page with its plan', async () => {
    const plan = quickPlan();
    const states = Object.fromEntries(plan.runs.map(({ name }) => [name, 'queued'] as const));
    const page = await renderReport(await viewOf(plan, states));
    expect(unbalancedTags(page)).toEqual([]);
    expect(page).toContain('17 of 17 runs have no result');
    expect(page).toContain('Nothing is measured along this curve yet.');
    expect(page).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});
