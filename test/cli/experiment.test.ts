/** An experiment from its file to its report, on the real servers; only the numbers are made up. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Client, Connection } from '@temporalio/client';
import { loadSettings } from '../../settings/settings.js';
import { compiled } from '../compiled.js';
import { eventually } from '../eventually.js';
import { stackEnv } from '../stack.js';
import { createDesk } from './desk.js';
import { fastest, isthmus, type Ended } from './isthmus.js';
import { diverge, untilStopped } from './test-worker.js';

const { folder, script, run, begin, computed } = createDesk();
const env = () => ({ ...stackEnv(), NO_COLOR: '1' });

/** Seeds of its own make its runs no other test's. */
function study(name: string, seed: number): string {
  const path = join(folder, `${name}.yaml`);
  const text = `
name: ${name}
dataset: mnist
model: cnn-small
endpoints:
  A: { seed: ${seed} }
  B: { seed: ${seed + 1} }
  C: { seed: ${seed + 2} }
curves:
  A-B: { from: A, to: B }
  A-C: { from: A, to: C }
attacks: { pgd: { epsilon: 0.1, stepSize: 0.025, steps: 10, images: 100, points: 5 } }
spectrum: { images: 10, points: 5 }
evaluation: { points: 5 }
`;
  writeFileSync(path, text);
  return path;
}

interface Document {
  readonly id: string;
  readonly state: string;
  readonly runs: readonly { readonly name: string; readonly state: string }[];
  readonly values: readonly unknown[];
}
const document = ({ stdout }: Ended): Document => JSON.parse(stdout) as Document;

describe('an experiment that works', () => {
  const file = (): string => study('works', 100);

  it('runs to its end: progress on standard error, tables on standard output', async () => {
    const report = join(folder, 'works.html');
    const { code, stdout, stderr } = await run('run', file(), '--report', report);
    expect(stderr).toMatch(/^started works-[0-9a-f]{10}: 17 runs$/m);
    expect(stderr).toMatch(/^endpoint\/A done in \d+\.\d s$/m);
    expect(stderr).toMatch(/next: \.\/isthmus report works-/);
    expect(stdout).toMatch(/^A-B: Bézier curve with 1 bend from A to B$/m);
    expect(stdout).toMatch(
      /^0\.50 +1\.57 +0\.2220 +0\.0620 +41\.20 +2\.7093 +5\.23 +49\.17 +2\.1100$/m,
    );
    expect(stdout).toMatch(/^A +regular +100 +2 +98\.83 +0\.0352$/m);
    expect(readFileSync(report, 'utf8')).toContain('<title>works');
    expect(code).toBe(0);
  });

  it('is not run again: the same results in under 2 s, and nothing is computed', async () => {
    const { code, stdout, stderr, ms } = await fastest(env(), 'run', file());
    expect(stderr).toContain('every run is done already (17)');
    expect(stdout).toContain('Endpoints');
    expect({ code, computed }).toEqual({ code: 0, computed: [] });
    expect(ms).toBeLessThan(2000);
  });

  it('is done in the plan, and cached in the plan of another experiment with the same runs', async () => {
    const own = document(await run('plan', file(), '--json'));
    expect(new Set(own.runs.map(({ state }) => state))).toEqual(new Set(['done']));
    const other = document(await run('plan', file(), '--set', 'name=twin', '--json'));
    expect(new Set(other.runs.map(({ state }) => state))).toEqual(new Set(['cached']));
  });

  it('lets another experiment take its runs without computing them', async () => {
    const { code } = await run('run', file(), '--set', 'name=twin', '--json');
    expect({ code, computed }).toEqual({ code: 0, computed: [] });
    expect(document(await run('status', 'twin', '--json')).state).toBe('done');
  });

  it('is found by its id, a prefix of it and its name', async () => {
    const { id } = document(await run('status', 'works', '--json'));
    for (const text of [id, id.slice(0, -3)]) {
      expect(document(await run('status', text, '--json')).id).toBe(id);
    }
    const { stderr } = await run('status', 'wroks');
    expect(stderr).toContain('did you mean "works"?');
  });

  it('is found by its file, which says so if it was never started as it is', async () => {
    const path = file();
    const [byFile, byName] = await Promise.all([run('status', path), run('status', 'works')]);
    expect(byFile.stdout).toBe(byName.stdout);
    expect((await run('results', path)).code).toBe(0);
    const { id } = document(await run('results', path, '--json'));
    writeFileSync(path, readFileSync(path, 'utf8').replace('seed: 100', 'seed: 105'));
    for (const command of ['status', 'results', 'watch', 'cancel', 'pause', 'verify']) {
      const { code, stderr } = await run(command, path);
      expect(code).toBe(1);
      expect(stderr).toMatch(/works\.yaml as it is \(works-[0-9a-f]{10}\) was never started/);
      expect(stderr).toContain(`${id} was`);
      expect(stderr).toContain(`next: ./isthmus run ${path}`);
    }
    const absent = await run('status', join(folder, 'absent.yaml'));
    expect(absent.code).toBe(1);
    expect(absent.stderr).toContain('absent.yaml: no such file');
  });

  it('gives its values as CSV and JSON, all or one series', async () => {
    const csv = (await run('results', 'works', '--csv', '--metric', 'test_error')).stdout
      .trim()
      .split('\n');
    expect(csv[0]).toBe('experiment,run,curve,path,series,unit,x,value,n,reason');
    expect(csv).toHaveLength(1 + 2 * 2 * 5);
    expect(csv).toContainEqual(
      expect.stringMatching(
        /^works-\w+,evaluation\/A-B\/line,A-B,line,test_error,%,0\.5,49\.17,,$/,
      ),
    );
    const all = document(await run('results', 'works', '--json'));
    expect(all.values.length).toBeGreaterThan(200);
    const { code, stderr } = await run('results', 'works', '--metric', 'test_eror');
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "test_error"?');
  });

  it('has its figures as files beside the page: whole ones, and the same ones each time', async () => {
    const [page, figures] = [join(folder, 'page.html'), join(folder, 'new', 'figures')];
    const args = ['report', 'works', '-o', page, '--figures', figures] as const;
    const named = JSON.parse((await run(...args, '--json')).stdout) as { figures: string[] };
    const names = ['A-B-loss', 'A-B-pgd', 'A-C-loss', 'A-C-pgd'].map((name) => `${name}.svg`);
    expect(named.figures).toEqual(names.map((name) => join(figures, name)));
    expect(readdirSync(figures).sort()).toEqual(names);
    const read = () => named.figures.map((path) => readFileSync(path, 'utf8'));
    const first = read();
    for (const svg of first) expect(svg).toMatch(/^<svg xmlns[\s\S]*<\/svg>\n$/);
    const { code, stdout } = await run(...args);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `${[page, ...named.figures].join('\n')}\n`,
    });
    expect(read()).toEqual(first);
    rmSync(named.figures[0]!);
    rmSync(named.figures[1]!);
    mkdirSync(named.figures[1]!);
    const refused = await run(...args);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`cannot write "${named.figures[1]!}": it is a folder`);
    expect(readdirSync(figures).sort()).toEqual(names.slice(1));
  });

  it('stands in the list with its runs', async () => {
    expect((await run('ls')).stdout).toMatch(/^works-\w+ +done +17 done +20\d\d-/m);
  });

  it('has nothing to resume or cancel', async () => {
    expect((await run('resume', 'works')).stderr).toContain('nothing to resume');
    expect((await run('cancel', 'works')).stderr).toContain('does not run; it is done');
    expect(computed).toEqual([]);
  });

  it('closes quietly when the reader leaves early', async () => {
    const started = begin('results', 'works', '--csv');
    started.process.stdout!.destroy();
    const { code, stderr } = await started.ended;
    expect({ code, stderr: stderr.replace(/next:.*\n/, '') }).toEqual({ code: 0, stderr: '' });
  });

  it.each(['ls', 'status works', 'results works --csv'])(
    'ends %s with 1 and one line on a full disk',
    (command) => {
      const line = `"$0" "$1" ${command} >/dev/full`;
      const script = ['-c', line, process.execPath, compiled('cli/main.ts')];
      const { status, stderr } = spawnSync('sh', script, { env: env(), encoding: 'utf8' });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error: standard output cannot be written: ENOSPC.*\n$/);
    },
  );
});

describe('an experiment of which one run fails', () => {
  const file = (): string => study('fails', 200);

  it('finishes the others, says which failed and ends with 3', async () => {
    script.set('curve/A-C', diverge);
    const { code, stdout, stderr } = await run('run', file());
    expect(code).toBe(3);
    expect(stderr).toContain('curve/A-C failed: the loss is not finite at step 12');
    expect(stderr).toMatch(/ended with failures: 12 done, 1 failed, 4 blocked/);
    expect(stderr).toMatch(/next: \.\/isthmus retry fails-/);
    expect(stdout).toContain('A-B: Bézier curve');
  });

  it('keeps its table and its exit code when the report fails at the end', async () => {
    const taken = join(folder, 'taken');
    script.set('endpoint/A', () => {
      writeFileSync(taken, '');
      return diverge();
    });
    const ended = await run('run', study('unreported', 900), '--report', join(taken, 'r.html'));
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('endpoint');
    expect(ended.stderr).toMatch(/^error: cannot write ".*r\.html": /m);
    expect(ended.stderr).toMatch(
      /^no report was written; \.\/isthmus report unreported-\S+ -o FILE/m,
    );
    expect(ended.stderr).toContain('ended with failures');
  });

  it('is shown in lines that fit the terminal, whole with --wide', async () => {
    const narrow = await isthmus({ ...env(), COLUMNS: '60' }, 'status', 'fails');
    const wide = await isthmus({ ...env(), COLUMNS: '60' }, 'status', 'fails', '--wide');
    const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
    expect(widest(narrow.stdout)).toBeLessThanOrEqual(60);
    expect(narrow.stdout).toMatch(/^\S+ +failed .*…$/m);
    expect(widest(wide.stdout)).toBeGreaterThan(60);
    expect(wide.stdout).toContain('the loss is not finite at step 12');
  });

  it('reports what is there', async () => {
    const path = join(folder, 'fails.html');
    const { code, stderr } = await run('report', 'fails', '-o', path);
    expect(code).toBe(0);
    expect(stderr).toContain('5 of 17 runs have no result (1 failed, 4 blocked)');
    expect(readFileSync(path, 'utf8')).toContain('5 of 17 runs have no result');
  });

  it('does not try again what failed when it is resumed', async () => {
    const { code, stderr } = await run('resume', 'fails');
    expect(code).toBe(3);
    expect(stderr).toContain('has 1 failed (isthmus retry tries them again): nothing to resume');
    expect(computed).toEqual([]);
  });

  it('says what resuming would do with every run, and why', async () => {
    const { code, stdout } = await run('resume', 'fails', '--plan');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^curve\/A-C +failed +stays +diverged: the loss is not finite/m);
    expect(stdout).toMatch(/^attack\/A-C\/pgd +blocked +stays +curve\/A-C failed/m);
    expect(stdout).toContain('12 done, 1 failed, 4 blocked; 0 go on');
  });

  it('refuses to retry runs that are not there, and has nothing to retry among the others', async () => {
    const { code, stderr } = await run('retry', 'fails', '--match', 'endpoint/*');
    expect(code).toBe(3);
    expect(stderr).toContain('has no failed run named like "endpoint/*"');
  });

  it('retries: only what failed and what waited for it is computed', async () => {
    const { code, stderr } = await run('retry', 'fails', '--match', 'curve/A-?');
    expect(code).toBe(0);
    expect(stderr).toContain('12 of 17 runs stay done; again: 1 failed, 4 blocked');
    expect([...computed].sort()).toEqual([
      ...['attack/A-C/pgd', 'curve/A-C', 'evaluation/A-C', 'spectrum/A-C'],
    ]);
  });
});

describe('an experiment in progress', () => {
  const file = (): string => study('waits', 300);

  it('goes on when the terminal lets go with Ctrl-C, which ends with 130', async () => {
    script.set('endpoint/A', untilStopped);
    const report = join(folder, 'left.html');
    const started = begin('run', file(), '--report', report);
    await started.said(/endpoint\/A running/);
    started.process.kill('SIGINT');
    const { code, stderr } = await started.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(
      /it continues without this terminal\nnext: \.\/isthmus watch waits-\w+\n +\.\/isthmus cancel waits-/,
    );
    expect(stderr).toMatch(/\.\/isthmus report waits-\w+ -o \S+left\.html$/m);
    expect(existsSync(report)).toBe(false);
    const status = await run('status', 'waits');
    expect(status.stdout).toMatch(/^endpoint\/A +running +3\/4/m);
  });

  it('is found in Temporal by what it is about', async () => {
    const { temporal } = loadSettings(stackEnv());
    const connection = await Connection.connect({ address: temporal.address });
    const client = new Client({ connection });
    const query =
      "IsthmusExperiment STARTS_WITH 'waits-' AND IsthmusModel = 'cnn-small' AND IsthmusKinds = 'curve'";
    await eventually(async () => {
      const types: string[] = [];
      for await (const { type } of client.workflow.list({ query })) types.push(type);
      return types.sort();
    }).toEqual(['batch', 'experiment']);
    await connection.close();
  });

  it('is joined, not started twice, by a second run', async () => {
    const { code, stdout, stderr } = await run('run', file(), '--no-wait');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^waits-[0-9a-f]{10}\n$/);
    expect(stderr).toContain('joined waits-');
  });

  it.each([['--fail-fast'], ['--max-failures', '2'], ['--set', 'execution.concurrency=2']])(
    'is not joined with %s, which would have no effect',
    async (...option) => {
      const { code, stderr } = await run('run', file(), '--no-wait', ...option);
      expect(code).toBe(2);
      expect(stderr).toContain(`is running already, and ${option[0]}`);
      expect(stderr).toMatch(/next: \.\/isthmus watch waits-/);
    },
  );

  it('shows its runs with the database down, or with Temporal down, and says which answered', async () => {
    const { id } = document(await run('status', 'waits', '--json'));
    const away = { ...env(), DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/x' };
    for (const named of [id, file()]) {
      const noDatabase = await isthmus(away, 'status', named);
      expect(noDatabase.stdout).toMatch(/^endpoint\/A +running/m);
      expect(noDatabase.stderr).toContain('from Temporal only: database 127.0.0.1:1/x');
    }
    const noTemporal = await isthmus({ ...env(), TEMPORAL_ADDRESS: '127.0.0.1:1' }, 'status', id);
    expect(noTemporal.stdout).toMatch(/^endpoint\/A +running/m);
    expect(noTemporal.stderr).toContain('from the results database only: Temporal does not answer');
  });

  it('is cancelled: the command returns when all has settled, and a watcher ends with 4', async () => {
    const watching = begin('watch', 'waits');
    await watching.said(/endpoint\/A running/);
    const { code, stderr } = await run('cancel', 'waits');
    expect(code).toBe(0);
    expect(stderr).toMatch(/waits-\w+ is cancelled/);
    expect((await watching.ended).code).toBe(4);
    const { runs } = document(await run('status', 'waits', '--json'));
    const states = Object.fromEntries(runs.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      'endpoint/A': 'cancelled',
      'curve/A-B': 'cancelled',
      'endpoint/B': 'done',
    });
  });

  it('resumes after it was cancelled', async () => {
    const { code } = await run('resume', 'waits');
    expect(code).toBe(0);
    expect(computed).not.toContain('endpoint/B');
  });
});
