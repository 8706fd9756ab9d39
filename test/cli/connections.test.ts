/** The command line among the variables of other programs: loopback goes straight, `migrate`, `up` and `env` say what is where. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { withTemporal } from '../../cli/connections/temporal.js';
import { loadSettings } from '../../settings/settings.js';
import { doctor, up } from '../../infra/local/index.js';
import { createScratchDatabase, type ScratchDatabase } from '../../prisma/scratch-database.js';
import { requireMigrated } from '../../stores/database/migration-status.js';
import { connectToTemporal } from '../../worker/connect.js';
import { freeStackEnv } from '../environment.js';
import { stackEnv } from '../stack.js';
import { isthmus } from './isthmus.js';

const run = promisify(execFile);
const env = { ...stackEnv(), NO_COLOR: '1' };

describe('with a proxy in the environment', () => {
  const asked: string[] = [];
  const proxy = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (head) => {
      asked.push(head.toString('latin1').split(' HTTP/')[0] ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
  });
  const names = ['grpc_proxy', 'https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY'];
  beforeAll(() => new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve)));
  afterAll(() => proxy.close());
  beforeEach(() => {
    asked.length = 0;
    for (const name of names) {
      process.env[name] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    }
  });
  afterEach(() => {
    for (const name of names) delete process.env[name];
  });
  const withProxy = () => ({ ...process.env, ...stackEnv() }) as Record<string, string>;

  test('commands, workers and doctor reach the local stack without it', async () => {
    const { temporal } = loadSettings(withProxy());
    const { namespace } = temporal;
    await withTemporal(temporal, (client) =>
      client.workflowService.describeNamespace({ namespace }),
    );
    const connection = await connectToTemporal(temporal, 0, new AbortController().signal);
    await connection.close();
    const failing = (await doctor(withProxy())).filter(({ ok }) => !ok);
    expect(failing.map(({ name }) => name)).toEqual(['Worker']);
    expect(asked).toEqual([]);
  });

  test('commands and workers both go through it to a Temporal elsewhere', async () => {
    const elsewhere = { ...withProxy(), TEMPORAL_ADDRESS: 'temporal.invalid:7233' };
    const { temporal } = loadSettings(elsewhere);
    const outage = expect.objectContaining({ kind: 'dependency-down' });
    await expect(withTemporal(temporal, async () => undefined)).rejects.toEqual(outage);
    expect(asked).toContain('CONNECT temporal.invalid:7233');
    asked.length = 0;
    const { signal } = new AbortController();
    await expect(connectToTemporal(temporal, -1, signal)).rejects.toEqual(outage);
    expect(asked).toContain('CONNECT temporal.invalid:7233');
  });
});

describe('where the database is elsewhere', () => {
  const home = mkdtempSync(join(tmpdir(), 'isthmus-elsewhere-'));
  let scratch: ScratchDatabase;
  beforeEach(async () => {
    scratch = await createScratchDatabase(loadSettings(stackEnv()).databaseUrl);
  });
  afterEach(() => scratch.drop());
  afterAll(() => rmSync(home, { recursive: true }));

  test('migrate makes its tables and the bucket, and says the same again', async () => {
    const mine = { ...env, DATABASE_URL: scratch.url };
    const before = await isthmus(mine, 'run', 'mnist-quick', '--no-wait');
    expect(before.code).toBe(5);
    expect(before.stderr).toContain('it has no tables of Isthmus yet');
    expect(before.stderr).toContain('next: ./isthmus migrate');
    const first = await isthmus(mine, 'migrate');
    expect(first.code).toBe(0);
    expect(first.stderr).toMatch(/^database 127\.0\.0\.1:\d+\/scratch_\w+: applied \d/m);
    expect(first.stderr).toMatch(/^bucket isthmus at http:\/\/127\.0\.0\.1:\d+: it is there$/m);
    await requireMigrated(scratch.url);
    const again = await isthmus(mine, 'migrate', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ tables: { applied: [] } });
  });

  test('migrate needs neither a Temporal nor a bucket', async () => {
    const alone = { ...env, ISTHMUS_HOME: join(home, 'none'), DATABASE_URL: scratch.url };
    const { code, stderr } = await isthmus(alone, 'migrate');
    expect(code).toBe(0);
    expect(stderr).toContain('no bucket is named: set ISTHMUS_S3_BUCKET');
  });

  test('up changes nothing unasked, and makes the tables with --migrate', async () => {
    const mine = { ...freeStackEnv(home), DATABASE_URL: scratch.url };
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    await expect(up(mine, say, { parts: ['postgres'] })).rejects.toMatchObject({
      kind: 'dependency-down',
      hint: './isthmus migrate (or ./isthmus up --migrate)',
    });
    await up(mine, say, { parts: ['postgres'], migrate: true });
    await requireMigrated(scratch.url);
    await up(mine, say, { parts: ['postgres'] });
    expect(said.join('\n')).toMatch(/Postgres: applied 2026/);
  });

  test('doctor names migrate for a database without tables', async () => {
    const checks = await doctor({ ...stackEnv(), DATABASE_URL: scratch.url });
    expect(checks.find(({ name }) => name === 'database migrations')).toMatchObject({
      ok: false,
      hint: './isthmus migrate',
    });
  });
});

describe('env', () => {
  const { databaseUrl, s3, temporal } = loadSettings(stackEnv());
  const password = new URL(databaseUrl).password;

  test('says where everything is, and where the secrets are kept', async () => {
    const { code, stdout } = await isthmus(env, 'env');
    expect(code).toBe(0);
    for (const line of [
      ...[`export TEMPORAL_ADDRESS=${temporal.address}`, `# its UI: ${temporal.uiUrl}`],
      ...['export PGUSER=isthmus', 'export PGDATABASE=isthmus', '# bucket isthmus'],
      `# PGPASSWORD: postgresPassword in ${join(stackEnv()['ISTHMUS_HOME']!, 'secrets.json')} (--secrets)`,
      `export AWS_ENDPOINT_URL_S3=${s3.endpoint}`,
      '# blobs: blobs/sha256/<first 2 of the sha256>/<the other 62>',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
    for (const secret of [password, s3.secretAccessKey!, s3.accessKeyId!]) {
      expect(stdout).not.toContain(secret);
    }
    expect((await isthmus(env, 'env', '--json')).stdout).not.toContain(password);
  });

  test('gives a shell all that psql and the AWS command line need, with --secrets', async () => {
    const { stdout } = await isthmus(env, 'env', '--secrets');
    const shown = 'echo "$PGHOST $PGPASSWORD $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY"';
    const shell = await run('sh', ['-c', `${stdout}\n${shown}`]);
    expect(shell.stdout).toBe(`127.0.0.1 ${password} ${s3.accessKeyId} ${s3.secretAccessKey}\n`);
  });

  test('in a shell with its lines the stack is still the local one', async () => {
    const { stdout } = await isthmus(env, 'env', '--secrets', '--json');
    const parts = JSON.parse(stdout) as { variables: object; secrets: object }[];
    const all = Object.assign({}, ...parts.flatMap((part) => [part.variables, part.secrets]));
    const again = loadSettings({ ...stackEnv(), ...(all as Record<string, string>) });
    expect([again.databaseUrl, again.s3, again.temporal.address]).toEqual([
      ...[databaseUrl, s3, temporal.address],
    ]);
    const checks = await doctor({ ...stackEnv(), ...(all as Record<string, string>) });
    expect(checks.find(({ name }) => name === 'Temporal')?.detail).not.toContain('elsewhere');
  });
});
