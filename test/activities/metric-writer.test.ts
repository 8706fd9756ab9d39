// Metrics while the database is away: on disk, in order, once each; with real files.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMetricWriter, type MetricWriter } from '../../activities/metric-writer.js';
import { createSpoolBudget, openSpool, type SpoolBudget } from '../../activities/spool.js';
import { quantity } from '../../experiment/records/quantity.js';
import type { MetricRow } from '../../experiment/records/records.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'isthmus-spool-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const rowsFrom = (start: number, count: number): MetricRow[] =>
  Array.from({ length: count }, (_, i) => ({
    series: 'batch_loss',
    x: start + i,
    value: start + i,
  }));

/** A database that is away until it is told to be there. */
function database() {
  const written: MetricRow[] = [];
  let back = (): void => undefined;
  const there = new Promise<void>((resolve) => (back = resolve));
  return {
    written,
    back: () => back(),
    async write(rows: readonly MetricRow[]) {
      await there;
      written.push(...rows);
    },
  };
}

function writerOn(
  budget: SpoolBudget,
  write: (rows: readonly MetricRow[]) => Promise<void>,
  rowsInMemory = 10,
): MetricWriter {
  const onBroken = (): void => undefined;
  return createMetricWriter({
    write,
    onBroken,
    openSpool: () => openSpool(budget, 'a'),
    rowsInMemory,
  });
}

test('what comes while the database is away is written in order and once when it is back', async () => {
  const budget = createSpoolBudget(folder, 2 ** 20);
  const db = database();
  const writer = writerOn(budget, (rows) => db.write(rows));
  for (let i = 0; i < 200; i++) expect(writer.add(rowsFrom(i * 7, 7))).toBeUndefined();
  expect(budget.used()).toBeGreaterThan(10_000);
  db.back();
  await writer.flush();
  expect(db.written).toEqual(rowsFrom(0, 1400));
  expect(budget.used()).toBe(0);
  writer.close();
});

test('numbers that JSON does not know survive the disk', async () => {
  const db = database();
  const writer = writerOn(createSpoolBudget(folder, 2 ** 20), (rows) => db.write(rows), 0);
  const values = [NaN, Infinity, -Infinity, 0.1, -0];
  for (const [x, value] of values.entries()) {
    const found = Number.isFinite(value) ? { value } : quantity(value, 7);
    void writer.add([{ series: 's', x, ...found }]);
  }
  db.back();
  await writer.flush();
  expect(db.written.map(({ value }) => value)).toEqual([NaN, Infinity, -Infinity, 0.1, 0]);
  expect(db.written.map(({ n }) => n)).toEqual([7, 7, 7, undefined, undefined]);
  expect(db.written[1]).toMatchObject({ reason: 'overflow' });
  writer.close();
});

test('beyond its share of the disk the computation is held back, and nothing is dropped', async () => {
  const budget = createSpoolBudget(folder, 2000);
  const db = database();
  const writer = writerOn(budget, (rows) => db.write(rows));
  let [sent, room] = [0, undefined as Promise<void> | undefined];
  while (room === undefined && sent < 1000) room = writer.add(rowsFrom(sent++ * 5, 5));
  expect(sent).toBeLessThan(100);
  expect(budget.used()).toBeLessThanOrEqual(2000);
  db.back();
  await room;
  void writer.add(rowsFrom(sent * 5, 5));
  await writer.flush();
  expect(db.written).toEqual(rowsFrom(0, (sent + 1) * 5));
  writer.close();
});

test.skipIf(process.getuid?.() !== 0)('a full disk holds the computation back too', async () => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', disk]);
  try {
    const db = database();
    const writer = writerOn(createSpoolBudget(disk, 2 ** 20), (rows) => db.write(rows));
    let [sent, room] = [0, undefined as Promise<void> | undefined];
    while (room === undefined && sent < 10_000) room = writer.add(rowsFrom(sent++ * 5, 5));
    expect(sent).toBeLessThan(1000);
    db.back();
    await room;
    await writer.flush();
    expect(db.written).toEqual(rowsFrom(0, sent * 5));
    writer.close();
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('the file is nobody else’s, has no name while it is used, and is gone with the process', () => {
  const place = join(folder, 'spool');
  const spool = openSpool(createSpoolBudget(place, 2 ** 20), 'run-1')!;
  expect(spool.append(rowsFrom(0, 3))).toBe(true);
  expect(readdirSync(place)).toEqual([]);
  expect(statSync(place).mode & 0o777).toBe(0o700);
  expect(spool.first()).toEqual(rowsFrom(0, 3));
  spool.close();
  expect(spool.append(rowsFrom(0, 3))).toBe(false);
});

test('a database that refuses for good ends the attempt, and lets the computation go', async () => {
  const told: unknown[] = [];
  const refusal = new Error('refused');
  let refuse = (): void => undefined;
  const writer = createMetricWriter({
    write: () => new Promise((_, reject) => (refuse = () => reject(refusal))),
    onBroken: (error) => void told.push(error),
    openSpool: () => null,
    rowsInMemory: 0,
  });
  void writer.add(rowsFrom(0, 1));
  const room = writer.add(rowsFrom(1, 1));
  expect(room).toBeDefined();
  refuse();
  await room;
  await expect(writer.flush()).rejects.toBe(refusal);
  expect(told).toEqual([refusal]);
});

test('an outage in which 30 MB of metrics come costs less than 50 MB of memory', async () => {
  const db = database();
  const count = 1_000_000;
  let written = 0;
  const writer = writerOn(
    createSpoolBudget(folder, 64 * 2 ** 20),
    async (rows) => {
      if (written === 0) await db.write([]);
      written += rows.length;
    },
    10_000,
  );
  const before = process.memoryUsage.rss();
  let most = before;
  for (let sent = 0; sent < count; sent += 100) {
    expect(writer.add(rowsFrom(sent, 100))).toBeUndefined();
    if (sent % 10_000 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, process.memoryUsage.rss());
    }
  }
  db.back();
  await writer.flush();
  expect(written).toBe(count);
  expect((most - before) / 2 ** 20).toBeLessThan(50);
  writer.close();
});
