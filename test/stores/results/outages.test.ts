/** Outages of the database as the results store tells them, and how it goes on after them. */
import { afterAll, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../experiment/errors.js';
import { createResultsStore } from '../../../stores/results/prisma-results-store.js';
import { claimant, createScratchStore, nothing } from './scratch-store.js';

const { url: databaseUrl, sql, freshRun, claim, close } = await createScratchStore();
afterAll(close);

describe('a database that is not there', () => {
  const variants: readonly (readonly [string, (url: URL) => void, RegExp, string])[] = [
    [
      'nothing listens',
      (url) => (url.port = '1'),
      /^database 127\.0\.0\.1:1\/scratch_\w+: nothing/,
      './isthmus up',
    ],
    [
      'a wrong password',
      (url) => (url.password = 'wr0ng-secret'),
      /refused the (user or the )?password/,
      './isthmus up',
    ],
    [
      'no such database',
      (url) => (url.pathname = '/nowhere'),
      /\/nowhere: it has no such database/,
      './isthmus up',
    ],
    ['no tables', (url) => (url.pathname = '/postgres'), /lacks the tables/, './isthmus migrate'],
  ];
  test.each(variants)(
    '(%s) is told in one line without the password',
    async (_, change, message, next) => {
      const url = new URL(databaseUrl);
      change(url);
      const broken = createResultsStore(url.href);
      const password = url.password;
      for (const attempt of [
        () => broken.listExperiments(),
        () => broken.beginAttempt('key', claimant),
        () => broken.completeRun('key', 1, nothing),
      ]) {
        const error = await attempt().catch((e: unknown) => e);
        expect(error).toBeInstanceOf(UserError);
        const { kind, message: text, hint } = error as UserError;
        expect(kind).toBe('dependency-down');
        expect(text).toMatch(message);
        expect(text).not.toContain('\n');
        expect(hint).toContain(next);
        expect(JSON.stringify([text, hint])).not.toContain(password);
      }
      await broken.close();
    },
  );
});

test('a store whose connections were cut says so, and works again by itself', async () => {
  const cut = createResultsStore(databaseUrl, { connections: 2 });
  await cut.listExperiments();
  for (let round = 0; round < 3; round++) {
    const during = Promise.allSettled(Array.from({ length: 4 }, () => cut.listExperiments()));
    await sql.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    for (const outcome of await during) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ kind: 'dependency-down' });
    }
    await vi.waitFor(() => cut.listExperiments());
  }
  await cut.close();
});

test('a statement that waits too long is given up as an outage', async () => {
  const key = await freshRun(600);
  const epoch = await claim(key);
  const hasty = createResultsStore(databaseUrl, { statementTimeoutMs: 200 });
  await sql.query('BEGIN');
  await sql.query('SELECT FROM run WHERE key = $1 FOR UPDATE', [key]);
  const row = { series: 'a', x: 0, value: 1 };
  await expect(hasty.appendMetrics(key, epoch, [row])).rejects.toMatchObject({
    kind: 'dependency-down',
    message: expect.stringContaining('did not end in time'),
  });
  await sql.query('ROLLBACK');
  await hasty.appendMetrics(key, epoch, [row]);
  await hasty.close();
});

test('a store that was never used closes', async () => {
  await expect(createResultsStore(databaseUrl).close()).resolves.toBeUndefined();
});
