/** A newcomer's own data and network, from an npz file to a network opened in Python: every command of the page. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { cornersArchive } from './corners.js';
import { pageSession, runCommands } from './page-session.js';

const page = pageSession('docs/getting-started/own-data-and-network.md');
const [makeData, openNetwork] = page.blocks('python');
const hasNumpy = spawnSync('python3', ['-c', 'import numpy']).status === 0;

beforeAll(() => {
  const data = hasNumpy ? makeData! : 'open("corners.npz", "rb").close()\n';
  page.open({
    'corners.py': data,
    'open.py': openNetwork!,
    'corners.yaml': page.blocks('yaml')[0]!,
  });
  if (!hasNumpy) writeFileSync(join(page.folder, 'corners.npz'), cornersArchive(2000));
});
afterAll(() => page.close(), 60_000);

const outputs = runCommands(page);

it('the grid, the report and the network are there', () => {
  const files = ['corners.png', 'corners.html', 'middle.safetensors'];
  expect(files.filter((file) => !existsSync(join(page.folder, file)))).toEqual([]);
});

it('plan shows the six layers with their shapes', () => {
  const plan = outputs.find((output) => output.includes('network:'))!;
  for (const row of [/conv1 +12 x 12 x 8 +80/, /max-pool +6 x 6 x 8/, /dense1 +4 +1,156/])
    expect(plan).toMatch(row);
});

it('Python finds the tensors of the network, with names and axes as PyTorch has them', () => {
  const opened = outputs.find((output) => output.includes('at t = '))!;
  expect(opened).toContain('six-layers at t = 0.5 for ["top-left","top-right"');
  expect(opened).toContain('conv1.weight  [8, 1, 3, 3]');
  expect(opened).toContain('dense1.weight  [4, 288]');
  const { tensors } = decodeSafetensors(readFileSync(join(page.folder, 'middle.safetensors')));
  for (const [name, { data }] of tensors) {
    const norm = Math.hypot(...(data as Float32Array));
    const [, said] = new RegExp(`${name} .* norm ([0-9.]+)`).exec(opened)!;
    expect(Math.abs(norm - Number(said))).toBeLessThan(6e-4);
  }
});

it('the network has learned the corners, and what is printed says so', () => {
  const results = outputs.find((output) => output.includes('is done'))!;
  const errors = [...results.matchAll(/^ *(?:0\.00|1\.00) +([0-9.]+) /gm)].map(([, error]) =>
    Number(error),
  );
  expect(errors.length).toBeGreaterThanOrEqual(2);
  for (const error of errors.slice(0, 2)) expect(error).toBeLessThan(10);
});
