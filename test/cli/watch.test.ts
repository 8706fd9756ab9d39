/** Watching an experiment: workers that are busy, and servers that are away for a while. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { unservedQueues } from '../../cli/status/unserved-queues.js';
import type { PlannedRun } from '../../experiment/records/runs.js';
import type { RunRow } from '../../stores/results/results-store.js';
import { loadSettings } from '../../settings/settings.js';
import { stackEnv } from '../stack.js';
import { isthmus, start } from './isthmus.js';
import { startTestWorker, untilStopped } from './test-worker.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-watch-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Relay {
  readonly address: string;
  cut(): void;
  mend(): void;
  close(): void;
}

/** A way to a server that can be cut and mended. */
async function relayTo(address: string): Promise<Relay> {
  const [host, port] = address.split(':');
  const open = new Set<Socket>();
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(Number(port), host);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from);
      from.pipe(to).on('error', () => from.destroy());
      from.on('error', () => to.destroy()).on('close', () => open.delete(from));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroyAll = () => open.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut: () => void ((isCut = true), destroyAll()),
    mend: () => void (isCut = false),
    close: () => void (destroyAll(), server.close()),
  };
}

it('goes on watching when Temporal was away for a moment', async () => {
  const file = join(folder, 'away.yaml');
  writeFileSync(
    file,
    'name: away\ndataset: mnist\nmodel: mlp\nendpoints: { A: { seed: 31337 } }\n',
  );
  const env = { ...stackEnv(), NO_COLOR: '1' };
  const relay = await relayTo(loadSettings(stackEnv()).temporal.address);
  const worker = await startTestWorker(new Map([['endpoint/A', untilStopped]]), []);
  try {
    const watching = start({ ...env, TEMPORAL_ADDRESS: relay.address }, 'run', file);
    await watching.said(/endpoint\/A running/);
    relay.cut();
    await watching.said(/Temporal does not answer; still watching/);
    relay.mend();
    expect((await isthmus(env, 'cancel', 'away')).code).toBe(0);
    const { stderr } = await watching.ended;
    expect(stderr).toMatch(/is cancelled|cancelled/);
    expect(stderr).not.toMatch(/error: Temporal/);
  } finally {
    await worker.stop();
    relay.close();
  }
});

describe('a queue of waiting runs', () => {
  const row = (
    queue: PlannedRun['queue'],
    state: RunRow['state'],
  ): Pick<RunRow, 'run' | 'state'> => ({ run: { queue } as PlannedRun, state });

  test('is served where a run of any experiment is at work: a busy worker polls nothing', () => {
    const rows = [row('gpu', 'running'), row('gpu', 'queued'), row('cpu', 'queued')];
    expect([...unservedQueues(rows, new Set(['gpu']))]).toEqual(['cpu']);
    expect([...unservedQueues(rows, new Set())]).toEqual(['gpu', 'cpu']);
  });

  test('does not count where nothing waits', () => {
    expect(unservedQueues([row('gpu', 'done'), row('cpu', 'running')], new Set()).size).toBe(0);
  });
});
