/** Every file of up to 5 MB is answered at once, and in a few lines. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { planFile } from '../../../cli/experiments/experiment-file.js';
import { parseExperimentWith } from '../../../experiment/file/document.js';
import { UserError } from '../../../experiment/errors.js';
import { head, plan } from '../sweep/sweeps.js';

const seconds = 5;
const A = 'endpoints: { A: { seed: 1 } }\n';
const two = 'endpoints: { A: { seed: 1 }, B: { seed: 2 } }\n';
const many = (n: number, line: (i: number) => string) =>
  Array.from({ length: n }, (_, i) => line(i));
const swept = (sweep: string, fields = '') =>
  `${head}endpoints:\n  A: { ${fields}sweep: ${sweep} }\n`;

/** Its answer, after checking that it took no longer than any file may. */
function answer(text: string): string {
  const start = process.cpuUsage();
  const said = told(() => `${plan(text).runs.length} runs`);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(seconds);
  expect(said.split('\n').length).toBeLessThanOrEqual(21);
  expect(said.length).toBeLessThan(20_000);
  return said;
}

function told(make: () => string): string {
  try {
    return make();
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

describe('a file', () => {
  it.each([
    [
      'whose sweep repeats one mistake',
      swept('{ grid: { seed: { int: [1, 20000] } } }', 'learningrate: 0.1, '),
      'x.yaml:5:8: unknown key "endpoints.A.learningrate" (did you mean "learningRate"?)',
    ],
    [
      'of 10,000 mistakes',
      `${head}endpoints:\n${many(10_000, (i) => `  E${i}: { seed: ${i}, epoch: 1 }\n`).join('')}`,
      'x.yaml: and 9980 more',
    ],
    [
      'of 50,000 unknown fields',
      `${head}${A}${many(50_000, (i) => `endpoint${i}: 1\n`).join('')}`,
      'x.yaml: and 49980 more',
    ],
    [
      'of more words than are read',
      `${head}${A}list: [${'1,'.repeat(2_400_000)}1]\n`,
      'more than 500000 words and signs',
    ],
    [
      'of lists in lists',
      `a: ${'['.repeat(100_000)}`,
      'more than 64 maps and lists inside each other',
    ],
    ['of maps in maps', many(3000, (i) => `${' '.repeat(i)}a:\n`).join(''), 'more than 64 maps'],
    ['of dashes', '- '.repeat(100_000), 'more than 64 maps and lists inside each other'],
    ['of blank lines', '\n'.repeat(4_900_000), 'x.yaml'],
    ['of one scalar', `${head}${A}description: ${'x'.repeat(4_900_000)}\n`, 'description: too big'],
    ['of one name', `${head}${A}? "${'k'.repeat(4_900_000)}"\n: 1\n`, 'unknown key "kkk'],
    [
      'of too many sweeps',
      `${head}endpoints:\n${many(20, (i) => `  A${i}: { sweep: { grid: { seed: { int: [1, 20000] } } } }\n`).join('')}`,
      'more than 50000 entries together',
    ],
    [
      'of wide entries in a sweep',
      swept('{ grid: { seed: { int: [1, 20000] } } }', many(500, (i) => `f${i}: 1, `).join('')),
      'more than 1000000 values together',
    ],
    [
      'of too many pairs',
      `${head}endpoints:\n  A: { sweep: { grid: { seed: { int: [1, 2000] } } } }\ncurves: { C: { from: A, to: A, sweep: { pair: every } } }\n`,
      '4000000 pairs of ends; at most 50000',
    ],
    [
      'of too many cases',
      `${head}${A}sweep: { grid: { endpoints.A.seed: { int: [1, 40000] } } }\n`,
      'sweep entries instead of the whole',
    ],
    [
      'of too many conditions',
      swept(
        `{ grid: { seed: { int: [1, 20000] } }, exclude: [${many(1000, (i) => `{ seed: ${i} }`).join(', ')}] }`,
      ),
      'are more than 1000000 tests',
    ],
    [
      'of too many axes',
      swept(`{ list: [{ ${many(5000, (i) => `a${i}: 1`).join(', ')} }] }`),
      '5000 axes; at most 200',
    ],
    [
      'of too many runs',
      `${head}${two}curves:\n${many(3000, (i) => `  C${i}: { from: A, to: B, seed: ${i} }\n`).join('')}attacks:\n  p: { stepSize: 0.1, steps: 1, images: 1, epsilon: 0.1, sweep: { grid: { seed: { int: [1, 1000] } } } }\n`,
      'at most 200000 are planned at once',
    ],
    [
      'of a chain of endpoints',
      `${head}endpoints:\n  E0: { seed: 0 }\n${many(5000, (i) => `  E${i + 1}: { seed: 1, from: E${i} }\n`).join('')}`,
      'made of more than 250 others',
    ],
    [
      'of matching ends',
      `${head}endpoints:\n  A: { sweep: { grid: { seed: { int: [1, 5000] } } } }\n  B: { epochs: 3, sweep: { grid: { seed: { int: [1, 5000] } } } }\ncurves: { C: { from: A, to: B } }\n`,
      '35000 runs',
    ],
  ])(
    '%s is answered within 5 s of processor time',
    (_, text, expected) => {
      expect(text.length).toBeLessThanOrEqual(5_000_000);
      expect(answer(text)).toContain(expected);
    },
    120_000,
  );

  it('that extends itself over and over, by other names, is refused', () => {
    let n = 0;
    const readBase = () => ({ text: 'extends: [a, b]\nname: x\n', source: `${n++}.yaml` });
    const said = told(() => parseExperimentWith('extends: a\n', 'x.yaml', [], readBase).name);
    expect(said).toContain('more than 100 files are extended here');
  });
});

describe('what stands under the name of a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-reading-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);

  it('is refused in one line if it is none, or too large, or no UTF-8', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    writeFileSync(at('large'), Buffer.alloc(5_000_001, 0x20));
    writeFileSync(at('wide.yaml'), Buffer.from('\ufeffname: x\n', 'utf16le'));
    writeFileSync(at('latin.yaml'), Buffer.from('name: x\ndescription: Größe\n', 'latin1'));
    writeFileSync(at('upper.yaml'), 'extends: ./latin.yaml\nname: y\n');
    const said = async (name: string): Promise<string> =>
      planFile(name, []).then(
        ({ id }) => id,
        (error: Error) => error.message,
      );
    expect(await said(folder)).toMatch(/is a folder; name an experiment file in it$/);
    expect(await said(at('pipe'))).toMatch(/pipe is a pipe; write the experiment to a file/);
    expect(await said('/dev/zero')).toMatch(/^\/dev\/zero is a device or a socket/);
    expect(await said(at('large'))).toMatch(/large has 5\.0 MB; at most 5 MB are read/);
    expect(await said(at('wide.yaml'))).toMatch(/wide\.yaml is UTF-16: save it as UTF-8$/);
    expect(await said(at('latin.yaml'))).toMatch(/latin\.yaml:2: the byte 0xF6 is no UTF-8/);
    expect(await said(at('upper.yaml'))).toMatch(/latin\.yaml:2: the byte 0xF6 is no UTF-8/);
  });

  it('is read with a byte order mark of UTF-8', async () => {
    writeFileSync(at('mark.yaml'), `\ufeff${head}${A}`);
    expect((await planFile(at('mark.yaml'), [])).name).toBe('x');
  });
});
