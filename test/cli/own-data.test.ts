import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { decodePng } from '../../stores/formats/png.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import { cleanEnv } from '../environment.js';
import { isthmus } from './isthmus.js';

const fixtures = join(import.meta.dirname, '../stores/fixtures/own-data');
const folder = mkdtempSync(join(tmpdir(), 'isthmus-own-data-'));
const dataDir = join(folder, 'data');
// No stack is needed to add data or to plan.
const env = {
  ...cleanEnv(),
  ISTHMUS_HOME: join(folder, 'none'),
  ISTHMUS_DATA_DIR: dataDir,
  NO_COLOR: '1',
};
afterAll(() => rmSync(folder, { recursive: true }));

const errorLine = ({ stderr }: { stderr: string }) =>
  stderr.split('\n').find((line) => line.startsWith('error: '));

test('data add reads, keeps and says what it found; experiments name it', async () => {
  const npz = join(fixtures, 'deflated.npz');
  const args = ['data', 'add', 'leaves', npz, '--format', 'npz', '--classes', 'oak, ash,elm'];
  const added = await isthmus(env, ...args, '--test-share', '0.3', '--seed', '4', '--json');
  expect(added.code).toBe(0);
  const record = JSON.parse(added.stdout) as { digest: string };
  expect(record).toMatchObject({
    ...{ name: 'leaves', shape: [4, 5, 3], classes: 3, train: 7, test: 3 },
    ...{ classNames: ['oak', 'ash', 'elm'], heldOut: { test: 0.3, seed: 4 } },
  });
  expect(added.stderr).toContain(`${npz}: not read: other`);
  expect(readdirSync(join(dataDir, 'own')).sort()).toEqual(
    [`${record.digest}.images`, 'leaves.json'].sort(),
  );

  const plan = await isthmus(
    env,
    'plan',
    'mnist-quick',
    '--set',
    'dataset=leaves',
    '--set',
    'model=mlp',
    '--set',
    'attacks=null',
    '--set',
    'spectrum=null',
    '--set',
    'evaluation.endpoints=[A]',
  );
  expect(plan.stdout).toContain('network: mlp on leaves');
});

test('an experiment names files of its own folder, which plan reads and does not keep', async () => {
  copyFileSync(join(fixtures, 'floats.npz'), join(folder, 'floats.npz'));
  const file = join(folder, 'own.yaml');
  writeFileSync(
    file,
    `name: own
dataset: { files: floats.npz, format: npz, split: { test: 0.3 } }
model: mlp
endpoints: { A: { seed: 1 } }
evaluation: { endpoints: [A] }
`,
  );
  const before = existsSync(dataDir) ? readdirSync(dataDir, { recursive: true }) : [];
  const { code, stdout } = await isthmus(env, 'plan', file, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    networks: [{ model: 'mlp', dataset: 'floats' }],
    runs: [{ spec: { dataset: { name: 'floats', train: 7, test: 3 } } }, {}],
  });
  expect(existsSync(dataDir) ? readdirSync(dataDir, { recursive: true }) : []).toEqual(before);

  const missing = await isthmus(env, 'plan', file, '--set', 'dataset.files=none.npz');
  expect([missing.code, errorLine(missing)]).toEqual([
    1,
    `error: ${join(folder, 'none.npz')}: there is no such file or folder`,
  ]);
});

test('every refusal has its exit code, one line, and leaves nothing behind', async () => {
  const before = readdirSync(join(dataDir, 'own'));
  const refused = async (...args: string[]) => {
    const ended = await isthmus(env, 'data', 'add', ...args);
    return [ended.code, errorLine(ended)];
  };
  const floats = join(fixtures, 'floats.npz');
  expect(await refused('leaves', floats, '--format', 'npz')).toEqual([
    1,
    expect.stringContaining('error: leaves is another data set already (sha256 '),
  ]);
  expect(await refused('x', floats, '--format', 'safetensors')).toEqual([
    1,
    expect.stringMatching(/^error: .*floats\.npz: /),
  ]);
  expect(await refused('mnist', floats, '--format', 'npz')).toEqual([
    2,
    'error: mnist is a data set of the catalogue; give yours another name',
  ]);
  expect(await refused('a/b', floats, '--format', 'npz')).toEqual([
    2,
    'error: a/b: use 1 to 40 letters, digits, ".", "_" or "-"',
  ]);
  expect(await refused('x', floats, '--format', 'npz', '--test-share', '1')).toEqual([
    2,
    expect.stringContaining('It must be a fraction between 0 and 1'),
  ]);
  expect((await refused('x', floats))[0]).toBe(2);
  expect(readdirSync(join(dataDir, 'own'))).toEqual(before);
});

test('data ls tells what is here and what is not; unnamed contents too', async () => {
  const { code, stdout } = await isthmus(env, 'data', 'ls', '--json');
  expect(code).toBe(0);
  const { datasets } = JSON.parse(stdout) as { datasets: { name: string }[] };
  const named = (name: string) => datasets.find((one) => one.name === name);
  expect(named('mnist')).toMatchObject({ bytes: 54_950_048, missing: null });
  expect(named('cifar100')).toMatchObject({
    ...{ bytes: null, digest: null, missing: 'data fetch cifar100' },
  });
  expect(named('leaves')).toMatchObject({
    ...{ images: '7 + 3 of 4 x 5, colour, 3 classes', bytes: 687, missing: null },
    path: expect.stringMatching(/own\/[0-9a-f]{64}\.images$/),
  });
  rmSync(join(dataDir, 'own/leaves.json'));
  const { stdout: text } = await isthmus(env, 'data', 'ls', '--wide');
  expect(text).toMatch(
    /^- +7 \+ 3 of 4 x 5, colour, 3 classes +0\.0 MB +[0-9a-f]{12} +files of an experiment +own\/$/m,
  );
  expect(text).toMatch(/^svhn .*data fetch svhn$/m);
});

test('data show draws a grid, also with triggers and adversarial examples', async () => {
  const adversarial = new Float32Array(6 * 28 * 28).fill(0.5);
  const tensors = new Map([
    ['adversarial', { dtype: 'F32' as const, shape: [6, 28, 28, 1], data: adversarial }],
  ]);
  writeFileSync(join(folder, 'adversarial'), encodeSafetensors(tensors, {}));
  const show = (...args: string[]) => isthmus(env, 'data', 'show', ...args);
  const output = join(folder, 'grid.png');
  const attacked = ['--attacked', join(folder, 'adversarial')];
  const ended = await show(
    'mnist',
    '-o',
    output,
    '--count',
    '5',
    '--backdoor',
    'square',
    ...attacked,
  );
  expect(ended.code).toBe(0);
  const { width, pixels } = decodePng(readFileSync(output), 1e7);
  const at = (x: number, y: number) => pixels[3 * (y * width + x)];
  // Five images a row of 28 x 28, magnified five times, beside the names of the rows.
  const left = 8 + 12 * 'attacked'.length + 8;
  expect(width).toBe(left + 5 * 148);
  // The trigger ends two pixels from the corner.
  expect([at(left + 5 * 24, 8 + 5 * 24), at(left + 5 * 24, 8 + 148 + 5 * 24)]).toEqual([0, 255]);
  expect(at(left + 60, 8 + 2 * 148 + 60)).toBe(128);

  const refused = async (...args: string[]) => {
    const { code, ...streams } = await show(...args);
    return [code, errorLine(streams)];
  };
  expect(await refused('mnist', '-o', 'x.svg')).toEqual([
    2,
    'error: -o x.svg: the grid is a PNG; name a file that ends in .png',
  ]);
  expect(await refused('mnist', '-o', output, ...attacked)).toEqual([
    2,
    `error: ${join(folder, 'adversarial')} has 6 images; --count 6 shows them`,
  ]);
  expect(await refused('shapes32', '-o', output)).toEqual([
    1,
    'error: shapes32 is generated at its first use, and is not here yet',
  ]);
  expect(await refused('leafs', '-o', output)).toEqual([
    2,
    expect.stringContaining('no data set is named "leafs"'),
  ]);
});
