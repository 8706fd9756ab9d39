import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cleanEnv } from '../environment.js';
import { stackEnv } from '../stack.js';
import { fastest, isthmus, type Ended } from './isthmus.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-cli-'));
/** A home in which no stack was ever started. */
const home = join(folder, 'home');
const env = { ...cleanEnv(), ISTHMUS_HOME: home, NO_COLOR: '1' };
afterAll(() => rmSync(folder, { recursive: true }));

const run = (...args: readonly string[]): Promise<Ended> => isthmus(env, ...args);

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const stackTrace = /^\s+at /m;

describe('help', () => {
  it('answers in under 300 ms and names every command', async () => {
    const { code, stdout, ms } = await fastest(env, '--help');
    expect(code).toBe(0);
    const commands =
      'up down migrate env doctor data plan run ls status watch results report resume cancel schema';
    for (const command of commands.split(' '))
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    expect(ms).toBeLessThan(300);
  });

  it('of a command names its options', async () => {
    const { code, stdout } = await run('run', '--help');
    expect(code).toBe(0);
    for (const option of ['--set', '--no-wait', '--report', '--json', '--verbose']) {
      expect(stdout).toContain(option);
    }
  });
});

describe('a mistake on the command line', () => {
  it.each([
    ['an unknown command', ['pln'], "unknown command 'pln'", 'Did you mean plan?'],
    [
      'an unknown option',
      ['plan', 'mnist-quick', '--jsn'],
      "unknown option '--jsn'",
      'Did you mean --json?',
    ],
    ['a missing argument', ['plan'], "missing required argument 'file'", '--help'],
    ['one argument too many', ['ls', 'x'], 'too many arguments', '--help'],
    ['no command', [], 'Usage: isthmus', 'Commands:'],
    [
      '--set without a value',
      ['plan', 'mnist-quick', '--set', 'points'],
      'write path=value',
      'error',
    ],
  ])('such as %s ends with 2 and a hint, on standard error only', async (_, args, what, hint) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(what);
    expect(stderr).toContain(hint);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('such as an unknown variable of Isthmus is refused with the nearest one', async () => {
    const { code, stderr } = await isthmus({ ...env, ISTHMUS_HOEM: 'x' }, 'ls');
    expect(code).toBe(2);
    expect(stderr).toContain('unknown variable ISTHMUS_HOEM; did you mean ISTHMUS_HOME?');
  });
});

describe('a mistake in an experiment file', () => {
  const text = 'name: x\ndataset: mnist\nmodel: cnn-small\nendpoints:\n  A: { seed: 1 }\n';

  it.each([
    [
      'an unknown key',
      text + 'atacks: {}\n',
      /:6:1: unknown key "atacks" \(did you mean "attacks"\?\)/,
    ],
    ['a wrong type', text.replace('1', 'one'), /:5:8: endpoints\.A\.seed: /],
    [
      'an impossible range',
      text.replace('seed: 1', 'seed: 1, momentum: 2'),
      /endpoints\.A\.momentum: too big/,
    ],
    [
      'an unknown endpoint',
      text + 'curves: { c: { from: A, to: Z } }\n',
      /no endpoint is named "Z"/,
    ],
    ['broken YAML', 'name: [x\n', /:\d+:\d+: /],
  ])('such as %s ends with 1 and its place', async (name, content, expected) => {
    for (const command of ['plan', 'run']) {
      const { code, stdout, stderr } = await run(command, file(`${name}.yaml`, content));
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(expected);
      expect(stderr).not.toMatch(stackTrace);
    }
  });

  it('that is not there names the nearest preset', async () => {
    const { code, stderr } = await run('plan', 'mnist-quik');
    expect(code).toBe(1);
    expect(stderr).toContain(
      'no such file, and no preset of that name (did you mean mnist-quick?)',
    );
  });

  it('that is a folder says so', async () => {
    mkdirSync(join(folder, 'sub'));
    expect((await run('plan', join(folder, 'sub'))).stderr).toContain('is a folder');
  });

  it('is told as data too with --json, and with its stack when asked for', async () => {
    const { stdout, stderr } = await run('plan', 'nope', '--json', '--verbose');
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: 'bad-input' } });
    expect(stderr).toMatch(stackTrace);
    expect((await isthmus({ ...env, ISTHMUS_DEBUG: '1' }, 'plan', 'nope')).stderr).toMatch(
      stackTrace,
    );
  });
});

describe('without a stack', () => {
  it('plan shows the runs and says that their states are unknown', async () => {
    const { code, stdout, stderr } = await run('plan', 'mnist-quick');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^evaluation\/A-B\/line +evaluation +endpoint\/A, endpoint\/B +[0-9a-f]{10} +unknown$/m,
    );
    expect(stdout).toContain('17 runs: 17 unknown');
    expect(stderr).toContain('no local stack');
    expect(stderr).toMatch(/next: \.\/isthmus up\n +\.\/isthmus run mnist-quick/);
  });

  it.each([
    [{}, 'cnn-small', 'mnist', 1],
    [{ ISTHMUS_THREADS_PER_SLOT: '3' }, 'cnn-small', 'mnist', 3],
    [{}, 'vgg16', 'cifar10', availableParallelism()],
  ] as const)(
    'with %j, plan says the threads of %s on %s',
    async (set, model, dataset, threads) => {
      const args = [
        'plan',
        'mnist-quick',
        '--set',
        `model=${model}`,
        '--set',
        `dataset=${dataset}`,
      ];
      const { stdout } = await isthmus({ ...env, ...set }, ...args);
      const text = threads === 1 ? '1 thread' : `${threads} threads`;
      expect(stdout.replace(/\s+/g, ' ')).toContain(`, engines of ${text} `);
      const { stdout: json } = await isthmus({ ...env, ...set }, ...args, '--json');
      expect(JSON.parse(json)).toMatchObject({ networks: [{ model, dataset, threads }] });
    },
  );

  it('plan refuses a number of threads that is none, in one line', async () => {
    const bad = { ...env, ISTHMUS_THREADS_PER_SLOT: 'two' };
    const { code, stderr } = await isthmus(bad, 'plan', 'mnist-quick');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: ISTHMUS_THREADS_PER_SLOT: .+$/m);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('plan says the same every time', async () => {
    const [first, second] = await Promise.all([
      ...[run('plan', 'mnist-quick', '--json'), run('plan', 'mnist-quick', '--json')],
    ]);
    expect(first!.stdout).toBe(second!.stdout);
    const { id, signature, runs } = JSON.parse(first!.stdout) as {
      id: string;
      signature: string;
      runs: unknown[];
    };
    expect(id).toBe(`mnist-quick-${signature.slice(0, 10)}`);
    expect(runs).toHaveLength(17);
  });

  it.each([
    ...[['run', 'mnist-quick'], ['ls'], ['status', 'x'], ['watch', 'x'], ['results', 'x']],
    ...[['report', 'x'], ['resume', 'x'], ['cancel', 'x'], ['doctor']],
  ])('%s ends with 5, says what to do and writes nothing', async (...args) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(5);
    expect(stderr).toContain('next: ./isthmus up');
    expect(stderr).not.toMatch(stackTrace);
    expect(existsSync(home)).toBe(false);
  });

  it('down has nothing to do', async () => {
    const { code, stderr } = await run('down');
    expect(code).toBe(0);
    expect(stderr).toContain('nothing runs');
  });

  it('schema prints what editors need', async () => {
    const { code, stdout } = await run('schema');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      if: { not: { anyOf: [{ required: ['sweep'] }, { required: ['extends'] }] } },
      then: { required: ['name', 'dataset', 'model'] },
    });
  });
});

describe('with a part of the deployment out of reach', () => {
  const nobody = '127.0.0.1:1';

  it('a wrong password ends with 5, and the password is not repeated', async () => {
    const url = new URL(
      (await import('../../settings/settings.js')).loadSettings(stackEnv()).databaseUrl,
    );
    url.password = 'not-the-password';
    const { code, stderr } = await isthmus(
      { ...stackEnv(), DATABASE_URL: url.href },
      'results',
      'x',
    );
    expect(code).toBe(5);
    expect(stderr).toContain('it refused the');
    expect(stderr).not.toContain('not-the-password');
    expect(stderr).not.toMatch(stackTrace);
  });

  it('plan works with the database down and says so', async () => {
    const { code, stderr } = await isthmus(
      { ...stackEnv(), DATABASE_URL: `postgresql://u:p@${nobody}/x` },
      'plan',
      'mnist-quick',
    );
    expect(code).toBe(0);
    expect(stderr).toMatch(/states are unknown: database 127\.0\.0\.1:1\/x/);
  });

  it('run with Temporal down ends with 5 and registers nothing', async () => {
    const env = { ...stackEnv(), TEMPORAL_ADDRESS: nobody };
    const { code, stderr } = await isthmus(env, 'run', 'mnist-quick', '--set', 'name=unborn');
    expect(code).toBe(5);
    expect(stderr).toContain(`Temporal does not answer at ${nobody}`);
    const { stdout } = await isthmus(stackEnv(), 'ls', '--json');
    expect(stdout).not.toContain('unborn');
  });

  it('run with another data set than the official one is refused', async () => {
    const wrong = join(folder, 'wrong-data');
    mkdirSync(wrong);
    writeFileSync(join(wrong, 'train-images-idx3-ubyte'), 'wrong');
    const env = { ...stackEnv(), ISTHMUS_DATA_DIR: wrong };
    const { code, stderr } = await isthmus(env, 'run', 'mnist-quick');
    expect(code).toBe(1);
    expect(stderr).toMatch(/data set mnist: .*train-images-idx3-ubyte has 5 bytes/);
    expect(stderr).not.toMatch(stackTrace);
  });

  it('an experiment that is not there is named with the command that lists them', async () => {
    const { code, stderr } = await isthmus(stackEnv(), 'results', 'nothing-of-the-kind');
    expect(code).toBe(1);
    expect(stderr).toContain('no experiment "nothing-of-the-kind"');
    expect(stderr).toContain('next: ./isthmus ls');
  });
});
