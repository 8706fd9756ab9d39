/** What a person does to an experiment that runs: pause, cancel some, stop at failures; on the real servers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EngineOutcome } from '../../activities/engines.js';
import { eventually } from '../eventually.js';
import { createDesk } from './desk.js';
import { diverge, untilStopped } from './test-worker.js';

const { folder, script, run, computed } = createDesk();

/** Endpoints from a sweep, with seeds of their own, one after the other. */
function study(name: string, from: number, execution = '{ concurrency: 1 }', runs = 4): string {
  const path = join(folder, `${name}.yaml`);
  const text = `
name: ${name}
dataset: mnist
model: cnn-small
endpoints:
  A: { sweep: { grid: { seed: { int: [${from}, ${from + runs - 1}] } } } }
execution: ${execution}
`;
  writeFileSync(path, text);
  return path;
}

async function statesOf(name: string): Promise<Readonly<Record<string, string>>> {
  const { stdout } = await run('status', name, '--json');
  const { runs } = JSON.parse(stdout) as { runs: { name: string; state: string }[] };
  return Object.fromEntries(runs.map(({ name: of, state }) => [of.replace(/.*=/, ''), state]));
}

async function stateOf(name: string): Promise<string> {
  const { stdout } = await run('status', name, '--json');
  return (JSON.parse(stdout) as { state: string }).state;
}

/** An engine that works until it is let go. */
function gated(): { behaviour: () => Promise<EngineOutcome>; open: () => void } {
  let open = (): void => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const behaviour = async (): Promise<EngineOutcome> => {
    await gate;
    return { type: 'failed', failure: { type: 'diverged', message: 'let go' } };
  };
  return { behaviour, open };
}

describe('an experiment that is paused', () => {
  it('starts no further run until it is unpaused; the one at work goes on to its end', async () => {
    const { behaviour, open } = gated();
    script.set('endpoint/A@seed=4000', behaviour);
    await run('run', study('paused', 4000), '--no-wait');
    await eventually(async () => (await statesOf('paused'))['4000']).toBe('running');
    const { stderr } = await run('pause', 'paused');
    expect(stderr).toMatch(/3 runs of paused-\w+ wait until unpaused/);
    open();
    await eventually(async () => (await statesOf('paused'))['4000']).toBe('failed');
    expect((await run('status', 'paused')).stdout).toMatch(/seed=4001 +paused .*until unpaused/);
    expect(computed).toEqual(['endpoint/A@seed=4000']);
    await run('unpause', 'paused', '--match', '*seed=4002');
    await eventually(async () => (await statesOf('paused'))['4002']).toBe('done');
    expect(await statesOf('paused')).toMatchObject({ 4001: 'paused', 4003: 'paused' });
    await run('unpause', 'paused');
    await eventually(() => stateOf('paused')).toBe('failed');
    expect(await statesOf('paused')).toMatchObject({ 4001: 'done', 4003: 'done' });
  });
});

describe('runs that are paused when the workers have been asked for them already', () => {
  it('do not start either; the four at work go on', async () => {
    const { behaviour, open } = gated();
    const seeds = [4100, 4101, 4102, 4103, 4104, 4105];
    for (const seed of seeds) script.set(`endpoint/A@seed=${seed}`, behaviour);
    await run('run', study('handed', 4100, '{}', 6), '--no-wait');
    await eventually(() => computed.length).toBe(4);
    const { stderr } = await run('pause', 'handed');
    expect(stderr).toMatch(/2 runs of handed-\w+ wait until unpaused/);
    open();
    const counts = async () => {
      const states = Object.values(await statesOf('handed'));
      return ['failed', 'paused'].map((state) => states.filter((is) => is === state).length);
    };
    await eventually(counts).toEqual([4, 2]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await counts()).toEqual([4, 2]);
    expect(computed).toHaveLength(4);
    await run('unpause', 'handed');
    await eventually(() => stateOf('handed')).toBe('failed');
    expect(computed).toHaveLength(6);
  });
});

describe('runs that are cancelled by name', () => {
  it('stop, at work or waiting, while the others go on', async () => {
    script.set('endpoint/A@seed=5000', untilStopped);
    await run('run', study('partly', 5000), '--no-wait');
    await eventually(async () => (await statesOf('partly'))['5000']).toBe('running');
    const { code } = await run('cancel', 'partly', '--match', '*seed=5000');
    expect(code).toBe(0);
    await eventually(() => stateOf('partly')).toBe('cancelled');
    expect(await statesOf('partly')).toEqual({
      ...{ 5000: 'cancelled', 5001: 'done', 5002: 'done', 5003: 'done' },
    });
  });

  it('are computed when the experiment is resumed', async () => {
    expect((await run('resume', 'partly')).code).toBe(0);
    expect(computed).toEqual(['endpoint/A@seed=5000']);
  });

  it('must be there', async () => {
    const { code, stderr } = await run('cancel', 'partly', '--match', 'curve/*');
    expect(code).toBe(1);
    expect(stderr).toContain('is named like "curve/*"');
  });
});

describe('an experiment that fails', () => {
  it('stops when the first run fails, if it is told to fail fast', async () => {
    script.set('endpoint/A@seed=6000', diverge);
    const { code } = await run('run', study('fast', 6000), '--fail-fast');
    expect(code).toBe(3);
    expect(await statesOf('fast')).toEqual({
      ...{ 6000: 'failed', 6001: 'cancelled', 6002: 'cancelled', 6003: 'cancelled' },
    });
    expect((await run('status', 'fast')).stdout).toContain('stopped after 1 failed run');
  });

  it('goes on from there with resume, and keeps the failure', async () => {
    expect((await run('resume', 'fast')).code).toBe(3);
    expect(await statesOf('fast')).toEqual({
      ...{ 6000: 'failed', 6001: 'done', 6002: 'done', 6003: 'done' },
    });
  });

  it('stops after as many failures as it may have', async () => {
    for (const seed of [7000, 7001, 7002, 7003]) {
      script.set(`endpoint/A@seed=${seed}`, diverge);
    }
    const { code } = await run('run', study('many', 7000), '--max-failures', '2');
    expect(code).toBe(3);
    expect(await statesOf('many')).toEqual({
      ...{ 7000: 'failed', 7001: 'failed', 7002: 'cancelled', 7003: 'cancelled' },
    });
  });
});
