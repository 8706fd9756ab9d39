/** The benchmark without PyTorch: what it prints, and what it refuses. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { markdownTable } from '../../bench/markdown.js';
import { selectRows, tableNames } from '../../bench/rows.js';
import { compareRounds, summariseRounds } from '../../bench/spread.js';
import { timingTable } from '../../bench/timing-table.js';
import { compiled } from '../compiled.js';

function bench(...args: string[]) {
  return spawnSync(process.execPath, [compiled('bench/main.ts'), ...args], { encoding: 'utf8' });
}

describe('the benchmark', () => {
  it('prints own figures alone where it is to do without PyTorch', () => {
    const args = ['--tables', 'cnn-small', '--precision', 'float32', '--rounds', '1'];
    const { status, stdout } = bench(...args, '--without-pytorch');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\| cnn-small training step +\| [\d.]+ \(/m);
    expect(stdout).not.toMatch(/PyTorch/);
  });

  it('finds memory and preparation of an attack no larger with a thousand steps than with a hundred', () => {
    const { status, stdout, stderr } = bench(
      ...['attack-steps', '--models', 'cnn-small', '--steps', '100,1000', '--rounds', '1'],
    );
    expect(stderr).not.toMatch(/error/);
    expect(status).toBe(0);
    const rows = [...stdout.matchAll(/PGD-\d+ +\| (\d+) .*\| ([\d.]+) \([^|]*\|$/gm)];
    const [few, many] = rows.map(([, calls, memory]) => ({ calls: +calls!, memory: +memory! }));
    expect(many!.calls).toBeGreaterThan(8 * few!.calls);
    // One graph of a thousand steps takes some 500 MB.
    expect(many!.memory).toBeLessThan(few!.memory + 100);
  }, 120_000);

  it('refuses a table that it does not know', () => {
    const { status, stderr } = bench('--tables', 'cnn-smal');
    expect(status).toBe(2);
    expect(stderr).toMatch(/known are cnn-small/);
  });

  it('sets a bar in every table', () => {
    for (const table of tableNames) {
      expect(selectRows([table], ['float32']).some(({ bar }) => bar !== null)).toBe(true);
    }
  });
});

describe('a table of ratios', () => {
  const table = (precision: 'float32' | 'bfloat16', hasAmx: boolean) => {
    const row = selectRows(['vgg16'], [precision]).find(({ own }) => own === 'pgd-step')!;
    const other = { plain: [[115]], tuned: [[115]] };
    return timingTable([{ row, own: [[100]], others: other }], hasAmx);
  };

  it('has a verdict against tuned PyTorch alone', () => {
    expect(table('float32', false).match(/meets 1.1/g)).toHaveLength(1);
    expect(table('bfloat16', true).match(/MISSES 1.2/g)).toHaveLength(1);
  });

  it('says for bf16 that the processor has no AMX', () => {
    expect(table('bfloat16', false)).toMatch(/1.15 \(1.15 to 1.15\), no AMX here/);
    expect(table('bfloat16', false)).not.toMatch(/meets|MISSES/);
  });
});

describe('spread', () => {
  it('is of all samples, a ratio of medians with the extremes of its rounds', () => {
    const own = [
      [1, 2, 3],
      [2, 2, 2],
    ];
    const other = [
      [4, 4, 4],
      [8, 8, 8],
    ];
    expect(summariseRounds(own)).toMatchObject({ median: 2, min: 1, samples: 6 });
    expect(compareRounds(other, own)).toEqual({ value: 3, low: 2, high: 4 });
  });
});

describe('markdownTable', () => {
  it('pads its columns to one width', () => {
    expect(markdownTable(['a', 'longer'], [['wide cell', 'x']])).toBe(
      ['| a         | longer |', '| --------- | ------ |', '| wide cell | x      |'].join('\n'),
    );
  });
});
