import { describe, expect, it } from 'vitest';
import { parseExperiment, parseExperimentWith } from '../../../experiment/file/document.js';
import { UserError } from '../../../experiment/errors.js';

const smallest = 'name: x\ndataset: mnist\nmodel: cnn-small\nendpoints:\n  A: { seed: 1 }\n';

function mistake(text: string, ...assignments: readonly string[]): UserError {
  try {
    parseExperimentWith(text, 'x.yaml', assignments);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the text was accepted');
}

describe('an experiment file', () => {
  it('gets every default from the schema', () => {
    const { endpoints, evaluation, execution, curves } = parseExperiment(smallest, 'x.yaml');
    expect(endpoints['A']).toMatchObject({ epochs: 2, batchSize: 128, learningRate: 0.05 });
    expect(evaluation).toEqual({ points: 11, straightLine: true });
    expect(execution).toEqual({ concurrency: 64, checkpoint: { everySeconds: 60 } });
    expect(curves).toEqual({});
  });

  it('is refused with an entry named as no entry can be', () => {
    const text = 'name: x\ndataset: mnist\nmodel: mlp\nendpoints:\n  __proto__: { seed: 1 }\n';
    expect(() => parseExperiment(text, 'x.yaml')).toThrow(
      /^x\.yaml:5:3: "endpoints\.__proto__" cannot be a name/,
    );
  });

  it('is refused with the line, the path and the nearest name of an unknown key', () => {
    const { kind, message } = mistake(`${smallest}  B: { seed: 2, epoch: 3 }\n`);
    expect(kind).toBe('bad-input');
    expect(message).toBe('x.yaml:6:17: unknown key "endpoints.B.epoch" (did you mean "epochs"?)');
  });

  it('is refused with one line for each mistake', () => {
    const { message } = mistake(`${smallest}atacks: {}\nspectrum: { images: -1 }\n`);
    const lines = message.split('\n').sort();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe('x.yaml:6:1: unknown key "atacks" (did you mean "attacks"?)');
    expect(lines[1]).toMatch(/^x\.yaml:7:13: spectrum\.images: too small/);
  });

  it.each([
    [
      'a wrong type',
      'model: cnn-small',
      'model: 3',
      /^x\.yaml:3:1: model: give the name of a network, its layers, or a module/,
    ],
    ['a near name', 'dataset: mnist', 'dataset: mnits', /did you mean "mnist"/],
    [
      'a number where a map belongs',
      '{ seed: 1 }',
      '7',
      /^x\.yaml:5:3: endpoints\.A: invalid input/,
    ],
    ['a text where a number belongs', 'seed: 1', 'seed: one', /^x\.yaml:5:8: endpoints\.A\.seed/],
    ['a value that is no finite number', 'seed: 1', 'seed: 1, learningRate: .nan', /learningRate/],
    ['an impossible name', 'name: x', 'name: a/b', /^x\.yaml:1:1: name: use 1 to 40 letters/],
  ])('is refused for %s', (_, from, to, expected) => {
    expect(mistake(smallest.replace(from, to)).message).toMatch(expected);
  });

  it('that is no YAML is refused with line and column', () => {
    expect(mistake('name: [x\ndataset: mnist\n').message).toMatch(/^x\.yaml:\d+:\d+: /);
  });

  it('with the same key twice is refused', () => {
    expect(mistake(`${smallest}name: y\n`).message).toMatch(
      /^x\.yaml:6:1: Map keys must be unique/,
    );
  });

  it('that is empty is refused', () => {
    expect(mistake('').message).toMatch(/^x\.yaml: the file: /);
  });
});

describe('--set', () => {
  it('sets a field that is there and one that is not', () => {
    const { endpoints, evaluation } = parseExperimentWith(smallest, 'x.yaml', [
      'endpoints.A.seed=7',
      'evaluation.points=5',
    ]);
    expect(endpoints['A']!.seed).toBe(7);
    expect(evaluation.points).toBe(5);
  });

  it('takes a whole map', () => {
    const config = parseExperimentWith(smallest, 'x.yaml', ['spectrum={ images: 3 }']);
    expect(config.spectrum).toMatchObject({ images: 3, points: 11 });
  });

  it.each([
    ['no equals sign', 'points', 'usage', 'write path=value'],
    ['a value that is no YAML', 'name=[', 'usage', 'not valid YAML'],
    ['a field of a number', 'name.x=1', 'bad-input', 'name has no fields'],
    ['an unknown path', 'evaluation.point=5', 'bad-input', 'did you mean "points"'],
  ])('is refused for %s', (_, assignment, kind, expected) => {
    const error = mistake(smallest, assignment);
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(expected);
  });
});
