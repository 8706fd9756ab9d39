/** Examples in the documentation: experiments plan, commands parse, SQL is accepted by the database. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planFile } from '../../cli/experiments/experiment-file.js';
import { datasets, type DatasetFacts } from '../../experiment/catalogue/datasets.js';
import {
  modelLayers,
  modelWeights,
  type ModelName,
} from '../../experiment/catalogue/models/index.js';
import { repositoryRoot } from '../../settings/paths.js';
import { loadSettings } from '../../settings/settings.js';
import { addOwn, readOwnData } from '../../stores/datasets/own/add-own.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import { toPytorch } from '../../stores/formats/pytorch-layout.js';
import { stackEnv } from '../stack.js';
import { cornersArchive } from './corners.js';
import { commandLines, refusal } from './command-lines.js';
import { allPages, codeBlocks, type Page } from './markdown.js';

const pages = allPages();
const folder = mkdtempSync(join(tmpdir(), 'isthmus-docs-'));
const dataDir = join(folder, 'data');
/** The data sets of users that examples speak of, as a file and by name. */
const corners = { format: 'npz' as const, files: [join(folder, 'corners.npz')] };
const leaves = { format: 'npz' as const, files: [join(folder, 'leaves.npz')] };
beforeAll(async () => {
  const fixture = join(import.meta.dirname, '../stores/fixtures/own-data/deflated.npz');
  copyFileSync(fixture, leaves.files[0]!);
  await addOwn(await readOwnData('leaves', leaves), leaves, dataDir);
  writeFileSync(corners.files[0]!, cornersArchive(2000));
  await addOwn(await readOwnData('corners', corners), corners, dataDir);
  writeNetwork('weights.safetensors', 'cnn-small', datasets.mnist);
  writeNetwork('resnet20.safetensors', 'resnet20', datasets.cifar10);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Weights that examples import: zeros, named and laid out as PyTorch does. */
function writeNetwork(file: string, model: ModelName, { shape, classes }: DatasetFacts): void {
  const { parameters, statistics } = modelWeights(model, shape, classes);
  const zeros = new Map(
    [...parameters, ...statistics].map(({ name, shape: own }) => {
      return [name, new Float32Array(own.reduce((size, n) => size * n, 1))] as const;
    }),
  );
  const named = toPytorch({ layers: modelLayers(model), shape, classes }, zeros);
  const tensors = new Map(
    [...named].map(([name, tensor]) => [name, { dtype: 'F32' as const, ...tensor }]),
  );
  writeFileSync(join(folder, file), encodeSafetensors(tensors, {}));
}

/** A part of a file stands for that part of mnist-quick. */
async function plannedRuns(text: string): Promise<number> {
  const whole = /^(name|extends):/m.test(text);
  const name = /^name:/m.test(text) ? '' : 'name: example\n';
  const path = join(folder, 'example.yaml');
  writeFileSync(path, `${whole ? '' : 'extends: mnist-quick\n'}${name}${text}`);
  return (await planFile(path, [], { dataDir })).runs.length;
}

function examples(language: string): readonly (readonly [string, string])[] {
  const numbered = (page: Page) =>
    codeBlocks(page)
      .filter((block) => block.language === language)
      .map(({ text }, i) => [`${page.path} (${i + 1})`, text] as const);
  return pages.flatMap(numbered);
}

describe('experiments', () => {
  it.each(examples('yaml'))('%s plans', async (_, text) => {
    expect(await plannedRuns(text)).toBeGreaterThan(0);
  });

  it('a wrong field is found', async () => {
    const planned = plannedRuns('attacks: { pgd: { epsilom: 0.1 } }\n');
    await expect(planned).rejects.toThrow(/epsilom/);
  });
});

describe('command lines', () => {
  const lines = pages.flatMap((page) =>
    commandLines(page).map((words) => [page.path, words.join(' '), words] as const),
  );

  it.each(lines)('%s: ./isthmus %s', async (_, _line, words) => {
    expect(await refusal(words)).toBeNull();
  });

  it('a wrong command, option or number of arguments is found', async () => {
    expect(await refusal(['plam', 'mnist-quick'])).toMatch(/unknown command/);
    expect(await refusal(['plan', 'mnist-quick', '--widde'])).toMatch(/unknown option/);
    expect(await refusal(['plan'])).toMatch(/missing required argument/);
    expect(await refusal(['results', 'ID', '--csv', '--json'])).toMatch(/cannot be used/);
  });
});

it('scripts that npm is asked to run exist', () => {
  const { scripts } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const named = pages.flatMap(({ text }) =>
    [...text.matchAll(/npm run ([a-z][a-z:]*)/g)].map(([, name]) => name!),
  );
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

describe('SQL', () => {
  let client: pg.Client;
  beforeAll(async () => {
    client = new pg.Client({ connectionString: loadSettings(stackEnv()).databaseUrl });
    await client.connect();
  });
  afterAll(() => client.end());

  const inShell = examples('sh').flatMap(([place, text]) =>
    [...text.matchAll(/psql -c '([^']+)'/g)].map(([, sql]) => [place, sql!] as const),
  );

  it.each([...examples('sql'), ...inShell])('%s is accepted', async (_, sql) => {
    await client.query(`EXPLAIN ${sql}`);
  });

  it('a wrong column is found', async () => {
    await expect(client.query('EXPLAIN SELECT robustt FROM v1_attacks')).rejects.toThrow(/robustt/);
  });
});
