/** Resolves the connections to Temporal, Postgres, S3 and data: environment variables, else the local stack. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { externalDatabase, externalDatabaseFor } from './connections/database.js';
import { externalS3, type S3Settings } from './connections/s3.js';
import { externalTemporal, type TemporalSettings } from './connections/temporal.js';
import { engineLayout, type EngineLayout } from './engines.js';
import { visibleGpus } from './gpus.js';
import { generatedDir, graphCacheFolder, repositoryRoot, resolveFrom, toolsDir } from './paths.js';
import { readerPassword, readSecrets, type Secrets } from './local/secrets.js';
import { readStackPorts, type StackPorts } from './local/stack-file.js';
import { readVariables, type Environment, type Variables } from './variables.js';

export type { S3Settings } from './connections/s3.js';
export type { TemporalSettings } from './connections/temporal.js';
export type { Environment } from './variables.js';
export type Device = 'cpu' | 'gpu';

export interface GpuSettings {
  /** As CUDA_VISIBLE_DEVICES takes them; engine i has the i-th, from the first again past the last. Empty on a CPU. */
  readonly visible: readonly string[];
  /** Reserved by each engine; undefined: what it needs. */
  readonly memoryMb: number | undefined;
  /** Device for engines that find no GPU; undefined: they refuse to start. */
  readonly fallback: 'cpu' | undefined;
}

export interface Settings {
  /** Folder of the local stack: data, logs, secrets. */
  readonly home: string;
  readonly repositoryRoot: string;
  readonly toolsDir: string;
  readonly temporal: TemporalSettings;
  readonly databaseUrl: string;
  readonly s3: S3Settings;
  readonly device: Device;
  readonly engines: EngineLayout;
  readonly gpu: GpuSettings;
  /** From SIGTERM to the end of a worker. */
  readonly stopBudgetMs: number;
  readonly dataDir: string;
  /** Where engines keep encoded graphs. */
  readonly graphDir: string;
}

const defaultStopSeconds = 18;
export const localBucket = 'isthmus';
export const localDatabase = 'isthmus';
export const localDatabaseUser = 'isthmus';
/** Role of the local database that may only read. */
export const localReaderUser = 'isthmus_reader';
export const localNamespace = 'default';

interface LocalStack {
  readonly ports: StackPorts;
  readonly secrets: Secrets;
}

export function homeFolder(variables: Variables): string {
  return resolveFrom(variables.ISTHMUS_HOME, join(generatedDir, 'local'));
}

function readLocalStack(home: string): LocalStack {
  const ports = readStackPorts(home);
  if (ports === undefined) {
    throw new UserError('dependency-down', `no local stack in ${home}`, { hint: './isthmus up' });
  }
  return { ports, secrets: readSecrets(home) };
}

function temporalSettings(
  variables: Variables,
  env: Environment,
  local: () => LocalStack,
): TemporalSettings {
  const external = externalTemporal(variables, env, localNamespace);
  if (external !== undefined) return external;
  const { temporal, temporalUi } = local().ports;
  return {
    address: `127.0.0.1:${temporal}`,
    namespace: variables.TEMPORAL_NAMESPACE ?? localNamespace,
    uiUrl: `http://127.0.0.1:${temporalUi}`,
  };
}

function localDatabaseUrl(stack: LocalStack): string {
  return localUrl(stack, localDatabaseUser, stack.secrets.postgresPassword);
}

function localUrl({ ports }: LocalStack, user: string, password: string): string {
  const login = `${user}:${password}`;
  return `postgresql://${login}@127.0.0.1:${ports.postgres}/${localDatabase}`;
}

function localS3({ ports, secrets }: LocalStack): S3Settings {
  return {
    endpoint: `http://127.0.0.1:${ports.s3}`,
    region: 'us-east-1',
    bucket: localBucket,
    accessKeyId: secrets.s3AccessKeyId,
    secretAccessKey: secrets.s3SecretAccessKey,
    sessionToken: undefined,
    forcePathStyle: true,
    caBundle: undefined,
    maxAttempts: undefined,
  };
}

const setUpRecord = z.object({ device: z.enum(['cpu', 'gpu']) });

/** Unless told, the engines load the TensorFlow build that set-up made last. */
export function chosenDevice(variables: Variables): Device {
  if (variables.ISTHMUS_DEVICE !== undefined) return variables.ISTHMUS_DEVICE;
  const path = join(generatedDir, 'setup.json');
  if (!existsSync(path)) return 'cpu';
  return setUpRecord.parse(JSON.parse(readFileSync(path, 'utf8'))).device;
}

/** Every data set in a folder of its name. */
export function dataFolder(variables: Variables): string {
  return resolveFrom(variables.ISTHMUS_DATA_DIR, join(generatedDir, 'data'));
}

/** Defers a costly reading until its value is asked for, and then keeps it. */
function lazily<T>(read: () => T): () => T {
  let known: { readonly value: T } | undefined;
  return () => (known ??= { value: read() }).value;
}

/** Null on a CPU. */
function gpusFor(device: Device, env: Environment): readonly string[] | null {
  return device === 'gpu' ? visibleGpus(env['CUDA_VISIBLE_DEVICES']) : null;
}

export interface Databases {
  readonly databaseUrl: string;
  /** For migrations: past a pooler, or as a role that may create tables. */
  readonly migrationUrl: string;
}

/** Needs no Temporal and no S3: a set-up job has neither. */
export function loadDatabases(env: Environment): Databases {
  const variables = readVariables(env);
  const databaseUrl =
    externalDatabase(variables, env) ?? localDatabaseUrl(readLocalStack(homeFolder(variables)));
  const migrationUrl = externalDatabaseFor('ISTHMUS_MIGRATE_DATABASE_URL', variables, env);
  return { databaseUrl, migrationUrl: migrationUrl ?? databaseUrl };
}

/** For queries of a user; the role of an external one may do more than read. */
export function loadReaderUrl(env: Environment): string {
  const variables = readVariables(env);
  const external =
    externalDatabaseFor('ISTHMUS_READER_DATABASE_URL', variables, env) ??
    externalDatabase(variables, env);
  if (external !== undefined) return external;
  const stack = readLocalStack(homeFolder(variables));
  return localUrl(stack, localReaderUser, readerPassword(stack.secrets));
}

export function loadS3(env: Environment): S3Settings {
  const variables = readVariables(env);
  return externalS3(variables) ?? localS3(readLocalStack(homeFolder(variables)));
}

/** Undefined where no variable names a bucket and there is no local stack either. */
export function findS3(env: Environment): S3Settings | undefined {
  const variables = readVariables(env);
  const isLocal = readStackPorts(homeFolder(variables)) !== undefined;
  return externalS3(variables) ?? (isLocal ? loadS3(env) : undefined);
}

/** Needs no stack. */
export function loadEngineLayout(env: Environment): EngineLayout {
  const variables = readVariables(env);
  return engineLayout(variables, gpusFor(chosenDevice(variables), env));
}

export function loadSettings(env: Environment): Settings {
  const variables = readVariables(env);
  const home = homeFolder(variables);
  const local = lazily(() => readLocalStack(home));
  const device = chosenDevice(variables);
  const gpus = lazily(() => gpusFor(device, env));
  return {
    home,
    repositoryRoot,
    toolsDir,
    temporal: temporalSettings(variables, env, local),
    databaseUrl: externalDatabase(variables, env) ?? localDatabaseUrl(local()),
    s3: externalS3(variables) ?? localS3(local()),
    device,
    get engines() {
      return engineLayout(variables, gpus());
    },
    get gpu() {
      const { ISTHMUS_GPU_MEMORY_MB: memoryMb, ISTHMUS_DEVICE_FALLBACK: fallback } = variables;
      return { visible: gpus() ?? [], memoryMb, fallback };
    },
    stopBudgetMs: 1000 * (variables.ISTHMUS_STOP_BUDGET ?? defaultStopSeconds),
    dataDir: dataFolder(variables),
    graphDir: resolveFrom(variables.ISTHMUS_GRAPH_DIR, graphCacheFolder(home)),
  };
}
