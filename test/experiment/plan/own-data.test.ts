/** Experiments on a user's own data: how files name it, and what of it is in the keys of runs. */
import { describe, expect, test } from 'vitest';
import type { OwnDataset } from '../../../experiment/catalogue/own-dataset.js';
import { experimentSchema } from '../../../experiment/experiment.js';
import { datasetFilesIn, parseExperimentWith } from '../../../experiment/file/document.js';
import type { UserData } from '../../../experiment/file/user-data.js';
import { planExperiment, type Plan } from '../../../experiment/plan/plan.js';
import { startOptions } from '../../../experiment/plan/start-options.js';
import { whyStale } from '../../../experiment/plan/stale.js';
import { runWork } from '../../../experiment/plan/work.js';
import { semanticVersions } from '../../../experiment/kinds/index.js';
import { sha256 } from '../../stores/results/plans.js';

const leaves: OwnDataset = {
  ...{ name: 'leaves', digest: 'ab'.repeat(32), shape: [9, 7, 1], classes: 3, train: 40, test: 11 },
  trainPerClass: [20, 15, 5],
};
const others: OwnDataset = { ...leaves, name: 'others', digest: 'cd'.repeat(32) };
const own: UserData = {
  named: (name) => [leaves, others].find((one) => one.name === name) ?? null,
  names: () => ['leaves', 'others'],
  files: null,
  modules: new Map(),
  imports: new Map(),
};

const text = `name: x
dataset: leaves
model: mlp
endpoints: { A: { seed: 1 }, B: { seed: 2 } }
curves: { A-B: { from: A, to: B } }
`;
const read = (file: string, set: readonly string[] = [], datasets = own) =>
  parseExperimentWith(file, 'x.yaml', set, undefined, datasets);
const plan = (set: readonly string[] = [], file = text): Plan =>
  planExperiment(read(file, set), sha256);
const keys = ({ runs }: Plan) => runs.map(({ key }) => key);

test('the name stands for the record, in the configuration and in every run', () => {
  const { config, runs } = plan();
  expect(config.dataset).toEqual(leaves);
  expect(runs.find(({ name }) => name === 'endpoint/A')!.spec).toMatchObject({ dataset: leaves });
  // A stored configuration is read again as it was.
  expect(experimentSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test('keys hold digest and shape, not the name', () => {
  const renamed = { ...own, named: () => ({ ...leaves, name: 'trees' }) };
  const other = planExperiment(read(text, [], renamed), sha256);
  expect(keys(other)).toEqual(keys(plan()));
  expect(other.signature).toBe(plan().signature);
  const data = keys(plan(['dataset=others']));
  expect(data.filter((key) => keys(plan()).includes(key))).toEqual([]);
});

test('it can be swept over by name', () => {
  const { runs } = plan([], `${text}sweep: { grid: { dataset: [leaves, others, mnist] } }\n`);
  const endpoints = runs.filter(({ name }) => name.startsWith('endpoint/A'));
  expect(endpoints.map(({ name }) => name).sort()).toEqual(
    ['leaves', 'mnist', 'others'].map((name) => `endpoint/A@dataset=${name}`),
  );
});

describe('a name or map that stands for nothing is refused in one line', () => {
  test.each([
    ['leafs', 'x.yaml:2:1: dataset: no data set is named "leafs" (did you mean "leaves"?)'],
    ['mnits', 'x.yaml:2:1: dataset: no data set is named "mnits" (did you mean "mnist"?)'],
    [
      'something',
      'x.yaml:2:1: dataset: no data set is named "something" (known: mnist, fashion-mnist, cifar10, cifar100, svhn, shapes32, leaves, others)',
    ],
    [
      '{ files: a.npz, format: npz }',
      'x.yaml:2:1: dataset: files cannot be read here; give them a name (isthmus data add) and write that',
    ],
    ['3', 'x.yaml:2:1: dataset: give the name of a data set, or its files'],
  ])('%s', (name, message) => {
    const refused = () => read(text.replace('leaves', name));
    expect(refused).toThrow(expect.objectContaining({ kind: 'bad-input', message }));
  });
});

describe('files', () => {
  const base = 'dataset: { files: [a.idx, b.idx], format: idx }\n';
  const written = (file: string, ...set: string[]) =>
    datasetFilesIn({ text: file, source: 'x.yaml' }, set, () => ({
      text: base,
      source: 'up/base.yaml',
    }));

  test('are found where they are written, with the file that names them', () => {
    expect(written(text)).toBeNull();
    expect(written(text.replace('leaves', '{ files: a.npz, format: npz }'))).toEqual({
      files: { files: 'a.npz', format: 'npz' },
      source: 'x.yaml',
    });
    expect(written('extends: base\nname: x\n')?.source).toBe('up/base.yaml');
    expect(written(text, 'dataset={ files: b.npz, format: npz, split: { seed: 4 } }')).toEqual({
      files: { files: 'b.npz', format: 'npz', split: { seed: 4, test: 0.2 } },
      source: null,
    });
  });

  test('stand for what they hold, a data set of the catalogue too', () => {
    const file = text.replace('leaves', '{ files: a.npz, format: npz }');
    expect(read(file, [], { ...own, files: others }).dataset).toEqual(others);
    expect(read(file, [], { ...own, files: 'cifar10' }).dataset).toBe('cifar10');
  });

  test.each([
    [
      '{ files: a.npz, format: npx }',
      'x.yaml:2:26: dataset.format: must be one of npz, idx, cifar, folder, safetensors (did you mean "npz"?)',
    ],
    ['{ files: a.npz, formt: npz }', 'x.yaml:2:1: dataset.format: must be one of'],
    ['{ files: [], format: npz }', 'x.yaml:2:12: dataset.files: '],
    ['{ files: a, format: npz, split: { test: 1 } }', 'dataset.split.test: '],
    ['{ files: a, format: npz, classes: [a] }', 'dataset.classes: '],
  ])('%s is refused with its place', (map, message) => {
    expect(() => written(text.replace('leaves', map))).toThrow(message);
  });
});

describe('planning goes by the record', () => {
  test.each<[string, readonly string[], string]>([
    [
      'a model for other images',
      ['model=vgg16'],
      'model: vgg16 takes images of 32 x 32 pixels, not 9 x 7 as leaves has them',
    ],
    [
      'a trigger without room',
      ['dataset=small', 'backdoors={ b: { trigger: square, target: 0 } }'],
      'not 2 x 2',
    ],
    [
      'a class that it has not',
      ['backdoors={ b: { trigger: pattern, target: 3 } }'],
      'leaves has classes 0 to 2, not 3',
    ],
    [
      'too many images',
      [
        'evaluation.endpoints=[A]',
        'attacks={ p: { epsilon: 0.1, stepSize: 0.1, steps: 1, images: 12 } }',
      ],
      'leaves has 11 test images',
    ],
    ['a pool of all', ['bonafide={ pool: 10 }'], 'test images of leaves leave'],
    [
      'too small a fraction',
      [
        'backdoors={ b: { trigger: pattern, target: 0, fraction: 0.01 } }',
        'endpoints.A.backdoor=b',
      ],
      'of the 5 of class 2',
    ],
  ])('%s is refused', (_, set, message) => {
    const small: OwnDataset = { ...leaves, name: 'small', shape: [2, 2, 1] };
    const named = (name: string) => (name === 'small' ? small : own.named(name));
    const config = () => planExperiment(read(text, set, { ...own, named }), sha256);
    expect(config).toThrow(message);
  });

  test('its name is what Temporal and estimates of time show and tell apart', () => {
    const options = startOptions(plan());
    expect(options.staticSummary).toMatch(/ mlp on leaves$/);
    const spec = plan().runs[0]!.spec;
    expect(runWork(spec).group).toContain(`endpoint mlp ${leaves.digest} float32`);
  });
});

test('a result on other data is stale for its digest, and for no name', () => {
  const [before, now] = [plan(), plan(['dataset=others'])];
  const run = now.runs.find(({ name }) => name === 'endpoint/A')!;
  const former = before.runs.find(({ name }) => name === 'endpoint/A')!;
  const version = semanticVersions.endpoint;
  const said = whyStale(run, { ...former, version, needs: [] }, () => undefined, sha256);
  expect(said).toBe('spec: dataset sha256 abababababab → sha256 cdcdcdcdcdcd');
});
