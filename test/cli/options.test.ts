/** Options that contradict each other, values that are none, and places where nothing can be written: before anything starts. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compiled } from '../compiled.js';
import { cleanEnv } from '../environment.js';
import { isthmus } from './isthmus.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-options-'));
const home = join(folder, 'home');
const env = { ...cleanEnv(), ISTHMUS_HOME: home, NO_COLOR: '1' };
afterAll(() => rmSync(folder, { recursive: true }));

/** Without a stack a command that got any further would end with 5. */
async function refused(line: string) {
  const { code, stdout, stderr } = await isthmus(env, ...line.split(' '));
  expect(existsSync(home)).toBe(false);
  return { code, stdout, lines: stderr.trimEnd().split('\n') };
}

describe('options that contradict each other are usage', () => {
  it.each([
    ['run mnist-quick --no-wait --report r.html', ['--no-wait', '--report']],
    ['run mnist-quick --max-failures 2 --set execution.maxFailures=3', ['execution.maxFailures']],
    ['run mnist-quick --fail-fast --set execution.failFast=3', ['execution.failFast']],
    ['results x --csv --json', ['--csv', '--json']],
    ['results x --csv --over seed', ['--csv', '--over']],
    ['results x --metric loss --over seed', ['--metric', '--over']],
    ['results x --csv --wide', ['--csv', '--wide']],
    ['results x --metric loss --wide', ['--metric', '--wide']],
    ['results x --json --wide', ['--json', '--wide']],
    ['status x --json --wide', ['--json', '--wide']],
    ['plan mnist-quick --json --wide', ['--json', '--wide']],
    ['resume x --plan --no-wait', ['--plan', '--no-wait']],
    ['resume x --wide', ['--plan', '--wide']],
    ['retry x --failed --match curve/*', ['--failed', '--match']],
    ['artifact x y z', ['-o FILE']],
    ['artifact x y -o f', ['-o FILE']],
    ['export x curve/A-B -o f --t 0.5 --bend 1', ['--bend', '--t']],
    ['export x curve/A-B -o f --t 1.5', ['--t', '0 to 1']],
    ['export x endpoint/A -o f --layout onnx', ['--layout', 'pytorch, tensorflow']],
    ['export x endpoint/A', ['--output']],
    ['bundle --device cpu --arch sm_90 -o d', ['--arch', '--device gpu']],
  ])('%s', async (line, names) => {
    const { code, stdout, lines } = await refused(line);
    expect(code).toBe(2);
    if (!line.includes('--json')) expect(stdout).toBe('');
    for (const name of names) expect(lines[0]).toContain(name);
  });
});

describe('a value that an option cannot have is usage and names the option', () => {
  it.each([
    ['run mnist-quick --max-failures abc', '--max-failures <n>'],
    ['run mnist-quick --max-failures 0', '--max-failures <n>'],
    ['run mnist-quick --max-failures 1.5', '--max-failures <n>'],
    ['run mnist-quick --fail-fast x', '--fail-fast [n]'],
    ['run mnist-quick --fail-fast 0', '--fail-fast [n]'],
    ['verify-resume x --runs 0', '--runs <n>'],
    ['verify-resume x --runs many', '--runs <n>'],
    ['verify-resume x --seed -1', '--seed <n>'],
    ['gc --grace soon', '--grace <days>'],
    ['gc --grace -1', '--grace <days>'],
    ['gc --grace Infinity', '--grace <days>'],
    ['bundle --device gpu -o d --split 57', '--split <size>'],
    ['bundle --device gpu -o d --split 57MB', '--split <size>'],
    ['bundle --device gpu -o d --split 0M', '--split <size>'],
    ['bundle --device gpu -o d --split 1.5G', '--split <size>'],
    ['bundle --device gpu -o d --arch 90', '--arch <list>'],
    ['bundle --device gpu -o d --arch sm_90,', '--arch <list>'],
  ])('%s', async (line, option) => {
    const { code, stdout, lines } = await refused(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(lines[0]).toContain(`option '${option}' argument`);
    expect(lines[0]).toContain('It must be a ');
  });
});

describe('a place where nothing can be written is refused before anything is computed', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  const sub = join(folder, 'sub');
  mkdirSync(sub);
  const commands = [
    'run mnist-quick --report',
    'report x -o',
    'artifact x y z -o',
    'export x y -o',
  ];
  const places = [
    [sub, 'it is a folder'],
    [`${join(folder, 'absent')}/`, 'it is a folder'],
    [join(file, 'r.html'), `${file} is not a folder`],
    ['/dev/full', 'ENOSPC'],
    ['/proc/absent/r.html', 'ENOENT'],
    [join(folder, 'n'.repeat(300)), 'ENAMETOOLONG'],
    ['', 'it has no name'],
  ] as const;

  it.each(
    commands.flatMap((command) => places.map(([path, why]) => [command, why, path] as const)),
  )('%s: %s', async (command, why, path) => {
    const { code, stdout, lines } = await refused(`${command} ${path}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`cannot write "${path}": ${why}`);
    expect(lines[1]).toMatch(/^next: /);
  });

  it.each([
    [file, 'it is not a folder'],
    [join(file, 'sub'), `${file} is not a folder`],
    ['/dev/full', 'it is not a folder'],
    ['/proc/absent', 'ENOENT'],
    ['', 'it has no name'],
  ])('report x --figures %s: %s', async (path, why) => {
    const output = join(folder, 'unwritten.html');
    const { code, stdout, lines } = await refused(`report x -o ${output} --figures ${path}`);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(lines[0]).toContain(`cannot write "${path}": ${why}`);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe('next: name a folder that can be written to');
  });

  it('and where it can be, the trial leaves no trace', async () => {
    const before = readdirSync(folder);
    const { code } = await isthmus(env, 'report', 'x', '-o', join(folder, 'new', 'deep', 'r.html'));
    expect(code).toBe(5);
    expect(readdirSync(folder)).toEqual(before);
    const places = ['-o', join(folder, 'r.html'), '--figures', join(folder, 'new', 'figures')];
    expect((await isthmus(env, 'report', 'x', ...places)).code).toBe(5);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('standard output', () => {
  const shell = (line: string) => {
    const script = ['-c', line, process.execPath, compiled('cli/main.ts')];
    const { status, stdout, stderr } = spawnSync('sh', script, { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it.each(['plan mnist-quick', 'schema', '--help', 'run --help'])(
    'that is full ends %s with 1 and one line',
    (command) => {
      const { status, stderr } = shell(`"$0" "$1" ${command} >/dev/full`);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: standard output cannot be written: ENOSPC.*\n$/);
    },
  );

  it('that is full hides no error', () => {
    const { status, stderr } = shell('"$0" "$1" plan nope --json >/dev/full');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: nope: no such file.*\nerror: standard output .*ENOSPC.*\n$/);
  });

  it('that takes a part only is no success', () => {
    const line = `trap '' XFSZ; ulimit -f 8; "$0" "$1" schema >"${join(folder, 'part')}"`;
    const { status, stderr } = shell(line);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: standard output cannot be written: EFBIG.*\n$/);
  });

  it('that is closed early ends quietly', () => {
    const { stdout, stderr } = shell('{ "$0" "$1" schema; echo "$?" >&2; } | head -n 1');
    expect(stdout).toBe('{\n');
    expect(stderr.split('\n')).toContain('0');
    expect(stderr).not.toMatch(/error|EPIPE/);
  });

  it('arrives whole through a pipe', () => {
    const { stdout } = shell('"$0" "$1" schema | cat');
    expect(JSON.parse(stdout)).toHaveProperty('properties');
  });
});

describe('the lines of a plan', () => {
  const text = `
name: wide
dataset: mnist
model: cnn-small
endpoints:
  A: { sweep: { grid: { seed: [1, 2], learningRate: [0.05, 0.1] } } }
  B: { seed: 9 }
curves:
  first-to-second: { from: A, to: B }
`;
  const path = join(folder, 'wide.yaml');
  writeFileSync(path, text);
  const widest = (lines: string): number =>
    Math.max(...lines.split('\n').map((line) => line.length));
  const planned = async (columns: string, ...options: readonly string[]) =>
    (await isthmus({ ...env, COLUMNS: columns }, 'plan', path, ...options)).stdout;

  it.each([60, 80, 120])('fit %i columns', async (columns) => {
    expect(widest(await planned(String(columns)))).toBeLessThanOrEqual(columns);
  });

  it('fit 100 columns where the width is unknown, and are whole with --wide', async () => {
    const unknown = await planned('no number');
    expect(widest(unknown)).toBeLessThanOrEqual(100);
    expect(unknown).toContain('…');
    const wide = await planned('60', '--wide');
    expect(widest(wide)).toBeGreaterThan(100);
    expect(wide).not.toContain('…');
    expect(wide).toMatch(/^curve\/first-to-second@\S+ +curve +endpoint\/A@\S+, endpoint\/B /m);
  });
});

describe('a plan in tf32', () => {
  it('says that it needs workers with GPUs, and how many of its runs do', async () => {
    const tf32 = ['plan', 'mnist-quick', '--set', 'precision=tf32'];
    expect((await isthmus(env, ...tf32)).stdout).toMatch(
      /^needs workers with GPUs: \d+ runs in tf32$/m,
    );
    const { gpuRuns, runs } = JSON.parse((await isthmus(env, ...tf32, '--json')).stdout) as {
      readonly gpuRuns: number;
      readonly runs: readonly { readonly spec: { readonly precision?: string } }[];
    };
    expect(gpuRuns).toBe(runs.filter(({ spec }) => spec.precision === 'tf32').length);
    expect(gpuRuns).toBeGreaterThan(3);
    expect((await isthmus(env, 'plan', 'mnist-quick')).stdout).not.toContain('GPU');
  });
});
