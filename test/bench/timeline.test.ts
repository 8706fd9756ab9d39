/** Recorded calls of the engine as files for TensorFlow in Python, where that is not installed. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { timelineTable } from '../../bench/timeline/timeline-table.js';
import { compiled } from '../compiled.js';

describe('the timeline', () => {
  it('has one line for each kind of op, and one for all that hardly count', () => {
    const table = timelineTable({
      version: '2.21.0',
      wallMs: [3, 1, 2],
      ops: [
        { op: '_MklConv2D', count: 4, ms: 15 },
        { op: 'Add', count: 8, ms: 4.95 },
        { op: 'Mul', count: 2, ms: 0.03 },
        { op: 'Sub', count: 1, ms: 0.02 },
      ],
    });
    expect(table).toMatch(/wall time untraced 2.00 ms \(min 1.00, n 3\); ops traced 20.0 ms/);
    expect(table).toMatch(/^\| _MklConv2D +\| 4 +\| 15.0 +\| 75.0 % \|$/m);
    expect(table).toMatch(/^\| 2 other kinds +\| 3 +\| 0.0500 \| 0.3 % +\|$/m);
  });

  it('refuses works and dimensions that it does not know', () => {
    const bench = (...args: string[]) =>
      spawnSync(process.execPath, [compiled('bench/main.ts'), ...args], { encoding: 'utf8' });
    expect(bench('timeline', '--work', 'nothing')).toMatchObject({ status: 2 });
    const { status, stderr } = bench('scale', '--only', 'image');
    expect(status).toBe(2);
    expect(stderr).toMatch(/known are images/);
  });
});
