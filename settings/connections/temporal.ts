/** Temporal connection of a deployment, from the variables that its CLI and SDKs read. */
import { createRequire } from 'node:module';
import type * as EnvConfigModule from '@temporalio/envconfig';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { UserError } from '../../experiment/errors.js';
import type { Environment, Variables } from '../variables.js';
import { addressHost, isLoopback, proxyFor, type Proxy } from './proxy.js';

interface TemporalTls {
  readonly serverNameOverride?: string | undefined;
  readonly serverRootCACertificate?: Uint8Array | undefined;
  readonly clientCertPair?: { readonly crt: Uint8Array; readonly key: Uint8Array } | undefined;
}

export interface TemporalSettings {
  /** host:port of the frontend. */
  readonly address: string;
  readonly namespace: string;
  readonly uiUrl: string;
  readonly tls?: TemporalTls | boolean | undefined;
  readonly apiKey?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Undefined: straight. */
  readonly proxy?: Proxy | undefined;
}

type EnvConfig = typeof EnvConfigModule;
/** Loaded only where it is needed: it costs a command 30 ms. */
const require = createRequire(import.meta.url);

const instead: Readonly<Record<string, string>> = {
  TEMPORAL_PROFILE: 'profiles are not read: set the TEMPORAL_* variables themselves',
  TEMPORAL_CONFIG_FILE: 'profiles are not read: set the TEMPORAL_* variables themselves',
  TEMPORAL_TLS_DISABLE_HOST_VERIFICATION:
    'names are verified: TEMPORAL_TLS_SERVER_NAME names another',
  TEMPORAL_TLS_CERT: 'its name is TEMPORAL_TLS_CLIENT_CERT_PATH',
  TEMPORAL_TLS_KEY: 'its name is TEMPORAL_TLS_CLIENT_KEY_PATH',
  TEMPORAL_TLS_CA: 'its name is TEMPORAL_TLS_SERVER_CA_CERT_PATH',
};

const certificateNames = ['CLIENT_CERT', 'CLIENT_KEY', 'SERVER_CA_CERT'];
const fileNames = certificateNames.map((name) => `TEMPORAL_TLS_${name}_PATH`);
const dataNames = certificateNames.map((name) => `TEMPORAL_TLS_${name}_DATA`);

function refuse(message: string, cause?: unknown): never {
  throw new UserError('usage', message, { cause });
}

/** Only what envconfig may see: set variables, headers under the names that they have on the wire. */
function temporalVariables(env: Environment): Record<string, string> {
  const header = 'TEMPORAL_GRPC_META_';
  const entries = Object.entries(env).flatMap(([name, value]): (readonly [string, string])[] => {
    if (!name.startsWith('TEMPORAL_') || value === undefined || value === '') return [];
    if (!name.startsWith(header)) return [[name, value]];
    return [[`${header}${name.slice(header.length).replaceAll('_', '-')}`, value]];
  });
  return Object.fromEntries(entries);
}

function refuseUnsupported(given: Readonly<Record<string, string>>): void {
  for (const [name, why] of Object.entries(instead)) if (given[name]) refuse(`${name}: ${why}`);
  const switchedTo = given['TEMPORAL_TLS'];
  if (switchedTo !== undefined && !/^(true|false|1|0)$/.test(switchedTo)) {
    refuse(`TEMPORAL_TLS: ${switchedTo} is none of true, false`);
  }
  const has = (part: string): boolean =>
    [`${part}_PATH`, `${part}_DATA`].some((name) => given[`TEMPORAL_TLS_${name}`] !== undefined);
  if (has('CLIENT_CERT') !== has('CLIENT_KEY')) {
    const [there, missing] = has('CLIENT_CERT') ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    refuse(`TEMPORAL_TLS_CLIENT_${there} needs TEMPORAL_TLS_CLIENT_${missing} (_PATH or _DATA)`);
  }
  const off = switchedTo === 'false' || switchedTo === '0';
  const used = [...fileNames, ...dataNames, 'TEMPORAL_TLS_SERVER_NAME'].find((name) => given[name]);
  if (off && used !== undefined) refuse(`TEMPORAL_TLS is ${switchedTo}, and ${used} is set`);
}

function connectConfig(given: Record<string, string>): ClientConnectConfig {
  const { loadClientConnectConfig } = require('@temporalio/envconfig') as EnvConfig;
  try {
    return loadClientConnectConfig({ overrideEnvVars: given, disableFile: true });
  } catch (cause) {
    const { code, path, message } = cause as NodeJS.ErrnoException;
    const name = fileNames.find((one) => path !== undefined && given[one] === path);
    return name === undefined
      ? refuse(`TEMPORAL_TLS_*: ${message}`, cause)
      : refuse(`${name}: ${path}: ${code}`, cause);
  }
}

function checkedAddress(address: string): string {
  if (/^(\[[0-9a-fA-F:]+\]|[^\s/:[\]]+)(:\d{1,5})?$/.test(address)) return address;
  return refuse('TEMPORAL_ADDRESS: write host:port, without a scheme');
}

/** Undefined where Temporal is that of the local stack; TEMPORAL_* without an address are meant for other programs. */
export function externalTemporal(
  variables: Variables,
  env: Environment,
  localNamespace: string,
): TemporalSettings | undefined {
  if (variables.TEMPORAL_ADDRESS === undefined) return undefined;
  const address = checkedAddress(variables.TEMPORAL_ADDRESS);
  const given = temporalVariables(env);
  refuseUnsupported(given);
  const { namespace = localNamespace, connectionOptions } = connectConfig(given);
  const { tls, apiKey, metadata } = connectionOptions;
  const host = addressHost(address);
  if (apiKey !== undefined && tls === false && !isLoopback(host)) {
    refuse('TEMPORAL_API_KEY would go unencrypted: TEMPORAL_TLS is false');
  }
  return {
    address,
    namespace,
    uiUrl: variables.TEMPORAL_UI_URL ?? `http://${host}:8233`,
    tls: tls ?? undefined,
    apiKey,
    metadata: metadata as TemporalSettings['metadata'],
    proxy: proxyFor(address, env),
  };
}
