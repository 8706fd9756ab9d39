// The whole path, nothing replaced: command line, Temporal, Postgres, S3, worker, engine, TensorFlow
// and real MNIST, in two stacks that know nothing of each other, with one engine and with two.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { generatedDir } from '../../settings/paths.js';
import { down, up } from '../../infra/local/index.js';
import { modelLayers } from '../../experiment/catalogue/models/index.js';
import { toPytorch } from '../../stores/formats/pytorch-layout.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { isthmus, type Ended, type Environment } from '../cli/isthmus.js';
import { freeStackEnv } from '../environment.js';

const folder = join(generatedDir, 'test', `first-light-${process.pid}`);
const study = join(import.meta.dirname, 'study.yaml');
const quiet = (): void => undefined;

const statusDocument = z.object({
  id: z.string(),
  state: z.string(),
  runs: z.array(
    z.object({
      name: z.string(),
      state: z.string(),
      epoch: z.number(),
      outputs: z.record(z.string(), z.object({ digest: z.string(), bytes: z.number() })),
      environment: z.object({ tensorflow: z.string(), threads: z.number() }).nullable(),
    }),
  ),
});

interface Study {
  readonly env: Environment;
  readonly ran: Ended;
  readonly csv: string;
  readonly status: z.output<typeof statusDocument>;
}

async function runStudy(name: string, engines: number): Promise<Study> {
  const stack = freeStackEnv(join(folder, name)) as Environment;
  const env = { ...stack, ISTHMUS_SLOTS: String(engines) };
  await up(env, quiet);
  const ran = await isthmus(env, 'run', study, '--report', join(folder, `${name}.html`));
  const { stdout: csv } = await isthmus(env, 'results', 'study', '--csv');
  const { stdout } = await isthmus(env, 'status', 'study', '--json');
  return { env, ran, csv, status: statusDocument.parse(JSON.parse(stdout)) };
}

interface Row {
  readonly run: string;
  readonly series: string;
  readonly x: number;
  readonly value: number;
}

function rowsOf(csv: string): Row[] {
  const [, ...lines] = csv.trim().split('\n');
  return lines.map((line) => {
    const [, run, , , series, , x, value] = line.split(',');
    return { run: run!, series: series!, x: Number(x), value: Number(value) };
  });
}

let first: Study;
let again: Study;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  first = await runStudy('first', 1);
  // One stack at a time: two would share the processors, not change the bits, but take longer.
  await down(first.env, quiet);
  again = await runStudy('again', 2);
}, 600_000);

afterAll(async () => {
  for (const study of [first, again]) if (study) await down(study.env, quiet);
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

describe('an experiment on the real stack', () => {
  const value = (run: string, series: string, x: number): number => {
    const rows = rowsOf(first.csv);
    const row = rows.find((r) => r.run === run && r.series === series && r.x === x);
    if (row === undefined) throw new Error(`no ${series} of ${run} at ${x}`);
    return row.value;
  };

  test('ends as done, with every run computed once', () => {
    expect(first.ran).toMatchObject({ code: 0 });
    expect(first.status.state).toBe('done');
    expect(first.status.runs.every((run) => run.state === 'done' && run.epoch === 1)).toBe(true);
    expect(first.ran.stdout).toContain('Endpoints');
  });

  test('learns: regular endpoints pass 97 %, the fitted curve stays far below the straight line', () => {
    expect(value('endpoint/A', 'final_test_error', 0)).toBeLessThan(3);
    expect(value('endpoint/B', 'final_test_error', 0)).toBeLessThan(3);
    const [curve, line] = ['evaluation/A-B', 'evaluation/A-B/line'].map((run) =>
      value(run, 'test_error', 0.5),
    );
    expect(curve!).toBeLessThan(6);
    expect(line!).toBeGreaterThan(2 * curve!);
  });

  test('measures at the ends of every path what the endpoints measured of themselves', () => {
    for (const [path, from, to] of [
      ['A-B', 'A', 'B'],
      ['A-B/line', 'A', 'B'],
      ['A-C', 'A', 'C'],
      ['A-C/line', 'A', 'C'],
    ]) {
      for (const [t, end] of [
        [0, from],
        [1, to],
      ] as const) {
        for (const metric of ['nll', 'error']) {
          const found = value(`evaluation/${path}`, `test_${metric}`, t);
          expect(found).toBeCloseTo(value(`endpoint/${end}`, `final_test_${metric}`, 0), 5);
        }
      }
    }
  });

  test('attacks that hurt, eigenvalues that agree with the closed form, summaries of both', () => {
    for (const t of [0, 0.5, 1]) {
      const [robust, clean] = ['robust_nll', 'clean_nll'].map((s) =>
        value('attack/A-C/pgd-5', s, t),
      );
      expect(robust!).toBeGreaterThan(clean!);
      expect(value('spectrum/A-C', 'closed_form_difference_max', t)).toBeLessThan(1e-4);
      expect(value('spectrum/A-C', 'lanczos_converged', t)).toBe(1);
      expect(value('spectrum/A-C', 'eigenvalue_mean', t)).toBeGreaterThan(0);
    }
    const errors = [0, 0.5, 1].map((t) => value('evaluation/A-C', 'test_error', t));
    expect(value('summary/A-C', 'test_error.max', 0)).toBe(Math.max(...errors));
    expect(Math.abs(value('summary/A-C', 'pgd-5.pearson', 0))).toBeLessThanOrEqual(1);
    const line = value('summary/A-B/line', 'arc_length.total', 0);
    expect(value('summary/A-B', 'arc_length.total', 0)).toBeGreaterThanOrEqual(line);
  });

  test('of a small network is computed with one thread an engine, and its provenance says so', () => {
    const computed = first.status.runs.flatMap(({ environment }) => environment ?? []);
    expect(computed.length).toBeGreaterThan(5);
    expect(computed.every(({ threads }) => threads === 1)).toBe(true);
  });

  test('gives the same bytes and the same numbers in another stack, whose worker has two engines', () => {
    expect(again.ran.code).toBe(0);
    const digests = ({ status }: Study) =>
      status.runs.map(({ name, outputs, environment }) => ({ name, outputs, environment }));
    expect(digests(again)).toEqual(digests(first));
    expect(again.csv).toBe(first.csv);
  });

  test('says that it is done when it is run again, and computes nothing', async () => {
    const ended = await isthmus(again.env, 'run', study);
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/is done/);
    const { stdout } = await isthmus(again.env, 'status', 'study', '--json');
    expect(statusDocument.parse(JSON.parse(stdout)).runs.every((run) => run.epoch === 1)).toBe(
      true,
    );
  });

  test('shares what is done with another experiment that asks for the same runs', async () => {
    const other = ['--set', 'name=twin', '--set', 'attacks.pgd-5.epsilon=0.05'];
    const planned = await isthmus(again.env, 'plan', study, ...other, '--json');
    const runs = z
      .object({ runs: z.array(z.object({ name: z.string(), state: z.string().nullable() })) })
      .parse(JSON.parse(planned.stdout)).runs;
    const fresh = runs.filter((run) => run.state !== 'cached' && run.state !== 'done');
    expect(fresh.map((run) => run.name).sort()).toEqual([
      'attack/A-B/pgd-5',
      'attack/A-C/pgd-5',
      'summary/A-B',
      'summary/A-C',
    ]);
  });

  test('hands out what a run stored, byte for byte, and says what it does not have', async () => {
    const args = ['artifact', 'study', 'attack/A-C/pgd-5'];
    const listed = await isthmus(again.env, ...args);
    expect(listed.stdout).toMatch(/^artifact +bytes +sha256\n-*\s*outcomes +\d+ +[0-9a-f]{64}$/m);
    const path = join(folder, 'outcomes.safetensors');
    const fetched = await isthmus(again.env, ...args, 'outcomes', '-o', path, '--json');
    expect(fetched.code).toBe(0);
    const bytes = readFileSync(path);
    const digest = createHash('sha256').update(bytes).digest('hex');
    expect(JSON.parse(fetched.stdout)).toMatchObject({ digest, bytes: bytes.length });
    expect(decodeSafetensors(bytes).tensors.get('nll')!.shape).toEqual([3, 200]);
    const absent = await isthmus(again.env, ...args, 'outcome', '-o', path);
    expect(absent).toMatchObject({ code: 1 });
    expect(absent.stderr).toContain('stored no "outcome" (did you mean "outcomes"?)');
    expect(await isthmus(again.env, ...args, 'outcomes')).toMatchObject({ code: 2 });
    expect(
      await isthmus(again.env, 'artifact', 'study', 'attack/A-C/pgd', 'x', '-o', path),
    ).toMatchObject({ code: 1 });
  });

  test('exports endpoints, bends and points of a curve for PyTorch', async () => {
    const exported = async (...args: readonly string[]) => {
      const path = join(folder, 'network.safetensors');
      const ended = await isthmus(again.env, 'export', 'study', ...args, '-o', path);
      expect(ended).toMatchObject({ code: 0, stdout: `${path}\n` });
      return decodeSafetensors(readFileSync(path));
    };
    const endpoint = await exported('endpoint/A');
    expect(endpoint.metadata).toMatchObject({ run: 'endpoint/A', layout: 'pytorch' });
    const layers = modelLayers('cnn-small');
    expect(JSON.parse(endpoint.metadata['layers']!)).toEqual(layers);
    const own = await exported('endpoint/A', '--layout', 'tensorflow');
    const values = (tensors: ReadonlyMap<string, { readonly data: unknown }>) =>
      new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
    const network = { layers, shape: [28, 28, 1], classes: 10 };
    const laidOut = toPytorch(network, values(own.tensors));
    expect(values(endpoint.tensors)).toEqual(values(laidOut));
    const start = await exported('curve/A-B', '--t', '0');
    expect(start.tensors).toEqual(endpoint.tensors);
    const [bend, middle] = [
      await exported('curve/A-B', '--bend', '1'),
      await exported('curve/A-B', '--t', '0.5'),
    ];
    expect(bend.metadata).toMatchObject({ run: 'curve/A-B', bend: '1' });
    expect(middle.tensors).not.toEqual(bend.tensors);
    const refused = await isthmus(again.env, 'export', 'study', 'curve/A-B', '-o', '/dev/null');
    expect(refused).toMatchObject({ code: 2 });
    expect(refused.stderr).toContain('say --t 0.5 or --bend 1');
  });

  test('imports what it exports: the same weights, scores and run, whatever the layout', async () => {
    const source = again.status.runs.find(({ name }) => name === 'endpoint/A')!;
    for (const layout of ['pytorch', 'tensorflow']) {
      const weights = join(folder, `${layout}.safetensors`);
      const args = ['endpoint/A', '-o', weights, '--layout', layout];
      expect(await isthmus(again.env, 'export', 'study', ...args)).toMatchObject({ code: 0 });
      const file = join(folder, `${layout}.yaml`);
      const endpoint = `{ import: ${layout}.safetensors, layout: ${layout} }`;
      const text = `name: ${layout}\ndataset: mnist\nmodel: cnn-small\nendpoints: { P: ${endpoint} }\n`;
      writeFileSync(file, text);
      const ran = await isthmus(again.env, 'run', file);
      expect(ran, ran.stderr).toMatchObject({ code: 0 });
      const { stdout } = await isthmus(again.env, 'status', layout, '--json');
      const { runs } = statusDocument.parse(JSON.parse(stdout));
      expect(runs.map(({ outputs }) => outputs['weights'])).toEqual([source.outputs['weights']]);
      expect(runs[0]!.state).toBe(layout === 'pytorch' ? 'done' : 'cached');
    }
    const scores = (csv: string, run: string) =>
      rowsOf(csv)
        .filter((row) => row.run === run && row.series.startsWith('final_'))
        .map(({ series, value }) => [series, value]);
    const { stdout: csv } = await isthmus(again.env, 'results', 'pytorch', '--csv');
    expect(scores(csv, 'endpoint/P')).toEqual(scores(again.csv, 'endpoint/A'));
  });

  test('leaves a report that needs nothing but itself', () => {
    const page = readFileSync(join(folder, 'first.html'), 'utf8');
    expect(page.match(/<svg/g)!.length).toBeGreaterThanOrEqual(4);
    expect(page).toContain('Pearson');
    expect(page).not.toMatch(/<script|(src|href)="(?!#|data:)/);
  });
});
