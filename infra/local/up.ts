/** Starts the missing parts of a local stack and prepares bucket, database and migrations. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../../experiment/errors.js';
import {
  homeFolder,
  loadDatabases,
  loadS3,
  loadSettings,
  type Settings,
} from '../../settings/settings.js';
import { readVariables, type Environment, type Variables } from '../../settings/variables.js';
import { findDaemon } from './daemon.js';
import { withLock } from './lock.js';
import { partNames, type Part, type PartName, type Say, type Stack } from './part.js';
import { externalParts, parts, servers } from './parts.js';
import { choosePorts, refuseTakenPorts } from './ports.js';
import { ensureDatabase } from './postgres.js';
import { ensureReader } from './reader-role.js';
import { makePrivateFolder, readOrCreateSecrets } from '../../settings/local/secrets.js';
import { readStackPorts, writeStackPorts } from '../../settings/local/stack-file.js';
import { ensurePart } from './start-part.js';
import { status, type StackStatus } from './status.js';
import { temporalBinary } from './temporal.js';

export interface UpOptions {
  /** Left out: every part. */
  readonly parts?: readonly PartName[];
  /** Whether a database and a bucket that are elsewhere may be changed. */
  readonly migrate?: boolean;
}

/** Ports are settled and checked before anything starts, so that a taken one stops nothing halfway. */
async function openStack(
  env: Environment,
  variables: Variables,
  wanted: readonly Part[],
): Promise<Stack> {
  const home = homeFolder(variables);
  const before = readStackPorts(home);
  const stopped = parts.filter((part) => findDaemon(home, part.name) === undefined);
  const mayMove = new Set(stopped.flatMap((part) => part.privatePorts));
  const ports = await choosePorts(variables, before, mayMove);
  const opening = wanted.flatMap((part) =>
    part.publicPorts.filter(({ name }) => stopped.includes(part) || before?.[name] !== ports[name]),
  );
  await refuseTakenPorts(opening, ports);
  const secrets = readOrCreateSecrets(home);
  writeStackPorts(home, ports);
  return { home, ports, secrets, env };
}

/** Every part gets its chance, then the failures are told together. */
async function startAll(stack: Stack, wanted: readonly Part[], say: Say): Promise<void> {
  const results = await Promise.allSettled(wanted.map((part) => ensurePart(stack, part, say)));
  const failures = results.flatMap((result): readonly unknown[] =>
    result.status === 'rejected' ? [result.reason] : [],
  );
  if (failures.length <= 1) {
    if (failures.length === 1) throw failures[0];
    return;
  }
  const cause = new AggregateError(failures);
  const messages = failures.map((failure) => (failure as Error).message);
  throw new UserError('dependency-down', messages.join('; '), {
    cause,
    hint: `logs in ${join(stack.home, 'logs')}`,
  });
}

/** Until it succeeds; throws its last error after so long. */
async function retried(action: () => Promise<void>, patienceMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + patienceMs; ;) {
    try {
      return await action();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(200);
    }
  }
}

async function makeReady(settings: Settings, stack: Stack, wanted: readonly Part[], say: Say) {
  const names = wanted.map((part) => part.name);
  if (names.includes('s3')) {
    const { ensureBucket, probeBucket } = await import('../../stores/blobs/bucket.js');
    await ensureBucket(settings.s3);
    // The S3 port answers before the volumes behind it do, above all after a crash.
    await retried(() => probeBucket(settings.s3, `probes/up-${randomUUID()}`));
  }
  if (names.includes('postgres')) {
    await ensureDatabase(stack);
    const { deployMigrations } = await import('../../stores/database/migrations.js');
    const { applied } = await deployMigrations(settings.databaseUrl);
    if (applied.length > 0) say(`Postgres: applied ${applied.join(', ')}`);
    await ensureReader(stack, settings.databaseUrl);
  }
}

/** Before anything starts: a worker without tables would only end. Nobody's database is changed unasked. */
async function prepareElsewhere(
  env: Environment,
  external: ReadonlyMap<PartName, string>,
  { parts: asked = partNames, migrate = false }: UpOptions,
  say: Say,
): Promise<void> {
  const isElsewhere = (name: PartName): boolean => asked.includes(name) && external.has(name);
  if (isElsewhere('postgres') && migrate) {
    const { migrateDatabase } = await import('../migrate.js');
    const { applied } = await migrateDatabase(loadDatabases(env));
    if (applied.length > 0) say(`Postgres: applied ${applied.join(', ')}`);
  } else if (isElsewhere('postgres')) {
    const { requireMigrated } = await import('../../stores/database/migration-status.js');
    await requireMigrated(loadDatabases(env).databaseUrl);
  }
  if (isElsewhere('s3') && migrate) {
    const { createMissingBucket } = await import('../migrate.js');
    const { bucket, created } = await createMissingBucket(loadS3(env));
    if (created) say(`S3: created the bucket ${bucket}`);
  }
}

function chooseParts(external: ReadonlyMap<PartName, string>, options: UpOptions, say: Say) {
  const asked = parts.filter((part) => (options.parts ?? partNames).includes(part.name));
  for (const part of asked) {
    const variable = external.get(part.name);
    if (variable !== undefined) say(`${part.title}: elsewhere (${variable}), not started here`);
  }
  return asked.filter((part) => !external.has(part.name));
}

export async function up(
  env: Environment,
  say: Say,
  options: UpOptions = {},
): Promise<StackStatus> {
  const variables = readVariables(env);
  if (!existsSync(temporalBinary)) {
    throw new UserError('failed', 'Isthmus is not set up yet', { hint: 'npm run setup' });
  }
  const home = homeFolder(variables);
  makePrivateFolder(home);
  return withLock(home, say, async () => {
    const external = externalParts(variables);
    const wanted = chooseParts(external, options, say);
    await prepareElsewhere(env, external, options, say);
    const stack = await openStack(env, variables, wanted);
    await startAll(
      stack,
      wanted.filter((part) => servers.includes(part)),
      say,
    );
    await makeReady(loadSettings(env), stack, wanted, say);
    await startAll(
      stack,
      wanted.filter((part) => !servers.includes(part)),
      say,
    );
    return status(env);
  });
}
