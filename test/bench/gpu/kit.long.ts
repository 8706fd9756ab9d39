/** The whole proof on a CPU, from this checkout: every step runs, and says what it found. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';
import { repositoryRoot } from '../../../settings/paths.js';

const seconds = 240;

const results = z.looseObject({
  problems: z.array(z.string()),
  steps: z.array(
    z.looseObject({
      name: z.string(),
      status: z.string(),
      problems: z.array(z.string()),
      tables: z.record(
        z.string(),
        z.array(z.looseObject({ row: z.record(z.string(), z.unknown()) })),
      ),
    }),
  ),
});

const out = mkdtempSync(join(tmpdir(), 'isthmus-proof-'));
afterAll(() => rmSync(out, { recursive: true }));

it(
  'runs every step within its time, and every step passes',
  () => {
    const options = {
      ...{ bundle: repositoryRoot, out, seconds, device: 'cpu', models: 'cnn-small' },
      dataset: 'shapes32',
    };
    const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const begunMs = performance.now();
    const { status } = spawnSync('python3', [join('bench', 'gpu', 'prove.py'), ...flags], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    expect((performance.now() - begunMs) / 1000).toBeLessThan(seconds + 30);
    const found = results.parse(JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')));
    expect(found.problems).toEqual([]);
    expect(found.steps.map(({ name, status, problems }) => [name, status, problems])).toEqual(
      ['load', 'exactness', 'determinism', 'resume', 'speed', 'endpoint'].map((name) => [
        ...[name, 'passed', []],
      ]),
    );
    const tables = Object.assign({}, ...found.steps.map((step) => step.tables)) as Record<
      string,
      { row: Record<string, unknown> }[]
    >;
    expect(tables['exactness']!.every(({ row }) => row['verdict'] === 'met')).toBe(true);
    expect(tables['digests']!.every(({ row }) => row['equal'] === true)).toBe(true);
    expect(tables['resume']!.every(({ row }) => row['equal'] === true)).toBe(true);
    expect(tables['times']!.length).toBeGreaterThanOrEqual(4);
    expect(Number(tables['endpoint']!.at(-1)!.row['test accuracy, %'])).toBeGreaterThan(30);
    expect(readFileSync(join(out, 'results.md'), 'utf8')).toMatch(/^\| endpoint +\| passed +\|/m);
    expect(status).toBe(0);
  },
  1000 * (seconds + 60),
);
