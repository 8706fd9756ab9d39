/** Decides where Temporal, Postgres, S3 and the data are: a deployment named by variables, else the local stack. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { generatedDir, repositoryRoot, resolveFrom, toolsDir } from './paths.js';
import { readSecrets, type Secrets } from './stack/secrets.js';
import { readStackPorts, type StackPorts } from './stack/stack-file.js';
import { readVariables, type Environment, type Variables } from './variables.js';

export type { Environment } from './variables.js';
export type Device = 'cpu' | 'gpu';

export interface TemporalSettings {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
}

export interface S3Settings {
  /** Undefined: the region's own endpoint at AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly forcePathStyle: boolean;
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
  /** Engines of one worker. */
  readonly slots: number;
  readonly threadsPerSlot: number;
  /** From SIGTERM to the end of a worker. */
  readonly stopBudgetMs: number;
  readonly dataDir: string;
}

const defaultSlots = 1;
const defaultStopSeconds = 18;
export const localBucket = 'isthmus';
export const localDatabase = 'isthmus';
export const localDatabaseUser = 'isthmus';
export const localNamespace = 'default';

interface LocalStack {
  readonly ports: StackPorts;
  readonly secrets: Secrets;
}

export function homeOf(variables: Variables): string {
  return resolveFrom(variables.ISTHMUS_HOME, join(generatedDir, 'local'));
}

function readLocalStack(home: string): LocalStack {
  const ports = readStackPorts(home);
  if (ports === undefined) {
    throw new UserError('dependency-down', `no local stack in ${home}`, { hint: './isthmus up' });
  }
  return { ports, secrets: readSecrets(home) };
}

function temporalSettings(variables: Variables, local: () => LocalStack): TemporalSettings {
  const namespace = variables.TEMPORAL_NAMESPACE ?? localNamespace;
  if (variables.TEMPORAL_ADDRESS === undefined) {
    const { temporal, temporalUi } = local().ports;
    return {
      address: `127.0.0.1:${temporal}`,
      namespace,
      uiUrl: `http://127.0.0.1:${temporalUi}`,
    };
  }
  const host = variables.TEMPORAL_ADDRESS.replace(/:\d+$/, '');
  return {
    address: variables.TEMPORAL_ADDRESS,
    namespace,
    uiUrl: variables.TEMPORAL_UI_URL ?? `http://${host}:8233`,
  };
}

function localDatabaseUrl({ ports, secrets }: LocalStack): string {
  const login = `${localDatabaseUser}:${secrets.postgresPassword}`;
  return `postgresql://${login}@127.0.0.1:${ports.postgres}/${localDatabase}`;
}

function required(variables: Variables, name: keyof Variables, reason: string): string {
  const value = variables[name];
  if (value === undefined) throw new UserError('usage', `${name} is needed ${reason}`);
  return String(value);
}

function externalS3(variables: Variables): S3Settings {
  const reason = 'where ISTHMUS_S3_ENDPOINT or ISTHMUS_S3_BUCKET names an S3 service';
  return {
    endpoint: variables.ISTHMUS_S3_ENDPOINT,
    region: variables.AWS_REGION ?? 'us-east-1',
    bucket: required(variables, 'ISTHMUS_S3_BUCKET', reason),
    accessKeyId: required(variables, 'AWS_ACCESS_KEY_ID', reason),
    secretAccessKey: required(variables, 'AWS_SECRET_ACCESS_KEY', reason),
    forcePathStyle: variables.ISTHMUS_S3_ENDPOINT !== undefined,
  };
}

/** AWS_* alone changes nothing: they are often set for other programs. */
function s3Settings(variables: Variables, local: () => LocalStack): S3Settings {
  const { ISTHMUS_S3_ENDPOINT: endpoint, ISTHMUS_S3_BUCKET: bucket } = variables;
  if (endpoint !== undefined || bucket !== undefined) return externalS3(variables);
  const { ports, secrets } = local();
  return {
    endpoint: `http://127.0.0.1:${ports.s3}`,
    region: 'us-east-1',
    bucket: localBucket,
    accessKeyId: secrets.s3AccessKeyId,
    secretAccessKey: secrets.s3SecretAccessKey,
    forcePathStyle: true,
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
export function dataDirOf(variables: Variables): string {
  return resolveFrom(variables.ISTHMUS_DATA_DIR, join(generatedDir, 'data'));
}

export function loadSettings(env: Environment): Settings {
  const variables = readVariables(env);
  const home = homeOf(variables);
  let known: LocalStack | undefined;
  const local = (): LocalStack => (known ??= readLocalStack(home));
  return {
    home,
    repositoryRoot,
    toolsDir,
    temporal: temporalSettings(variables, local),
    databaseUrl: variables.DATABASE_URL ?? localDatabaseUrl(local()),
    s3: s3Settings(variables, local),
    device: chosenDevice(variables),
    slots: variables.ISTHMUS_SLOTS ?? defaultSlots,
    threadsPerSlot: variables.ISTHMUS_THREADS_PER_SLOT ?? availableParallelism(),
    stopBudgetMs: 1000 * (variables.ISTHMUS_STOP_BUDGET ?? defaultStopSeconds),
    dataDir: dataDirOf(variables),
  };
}
