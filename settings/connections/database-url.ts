/** Parses DATABASE_URL for pg and for Prisma alike: every parameter is honoured or refused by name. */
import { readFileSync } from 'node:fs';
import { distance } from 'fastest-levenshtein';
import type pg from 'pg';
import { UserError } from '../../experiment/errors.js';

export interface DatabaseAddress {
  /** Nothing is left for pg to take from PG* variables but PGPASSFILE. */
  readonly client: pg.ClientConfig;
  /** Where the tables are; undefined: the first of the role's search path. */
  readonly schema: string | undefined;
  /** A pooler in transaction mode stands before the server: it refuses start-up parameters and keeps no session. */
  readonly pooler: boolean;
  /** Most connections of this process; undefined: as many as its caller thinks right. */
  readonly connections: number | undefined;
}

const honoured = [
  ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey'],
  ...['application_name', 'connect_timeout', 'options', 'schema', 'pgbouncer', 'connection_limit'],
] as const;
type Parameter = (typeof honoured)[number];
type Parameters = ReadonlyMap<Parameter, string>;

/** Parameters that libpq, JDBC or Prisma know, and what to write instead. */
const instead: Readonly<Record<string, string>> = {
  ssl: 'write sslmode=verify-full, no-verify or disable',
  sslaccept: 'write sslmode=verify-full, or no-verify',
  sslidentity: 'write sslcert and sslkey, as PEM files',
  sslpassword: 'name a key without a passphrase by sslkey',
  sslnegotiation: 'leave it out: encryption is negotiated',
  sslcrl: 'leave it out: revocation lists are not read',
  channel_binding: 'leave it out: sslmode=verify-full checks who answers',
  require_auth: 'leave it out: sslmode=verify-full checks who answers',
  gssencmode: 'write sslmode=verify-full',
  hostaddr: 'write the address as the host',
  service: 'write out host, database and user',
  passfile: 'name the file by the variable PGPASSFILE',
  target_session_attrs: 'name the server that takes writes',
  load_balance_hosts: 'name one server, or a pooler',
  client_encoding: 'leave it out: it is UTF8',
  statement_timeout:
    'leave it out: Isthmus bounds its statements; behind a pooler, ALTER ROLE ... SET statement_timeout',
  lock_timeout: 'ALTER ROLE ... SET lock_timeout, or options=-c lock_timeout=5s',
  pool_timeout: 'leave it out: Isthmus bounds its own waits',
  socket_timeout: 'leave it out: Isthmus bounds its own waits',
  max_connection_lifetime: 'leave it out: connections are replaced when they break',
  statement_cache_size: 'leave it out: no statement is prepared by name',
  uselibpqcompat: 'leave it out: sslmode means what docs/reference/connections.md says',
};

const insteadOfMode: Readonly<Record<string, string>> = {
  allow: 'it goes unencrypted where the server asks for that',
  prefer: 'it goes unencrypted where the server cannot encrypt',
  require: 'some clients check the certificate under it and some do not',
  'verify-ca': 'some clients check the name of the server under it and some do not',
};

const defaultPort = 5432;
const longestConnectSeconds = 600;

function refuse(name: string, why: string): never {
  throw new UserError('usage', `${name}: ${why}`);
}

/** The URL itself is never repeated: it holds a password. */
function parse(text: string, name: string): URL {
  try {
    const url = new URL(text);
    if (/^postgres(ql)?:$/.test(url.protocol)) return url;
  } catch {
    if (/@\//.test(text))
      refuse(name, 'no host; with a socket write postgresql:///db?host=/folder&user=name');
  }
  return refuse(name, 'not an address of the form postgresql://user:password@host:port/database');
}

function decoded(text: string, part: string, name: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse(name, `the ${part} is not percent-encoded as a URL asks (% is written %25)`);
  }
}

function parameters(url: URL, name: string): Parameters {
  const given = new Map<Parameter, string>();
  for (const [key, value] of url.searchParams) {
    const known = honoured.find((one) => one === key);
    if (known === undefined) return refuse(name, unknownParameter(key));
    if (given.has(known)) return refuse(name, `the parameter ${key} is given twice`);
    given.set(known, value);
  }
  return given;
}

function unknownParameter(key: string): string {
  if (Object.hasOwn(instead, key)) return `the parameter ${key} is not supported: ${instead[key]}`;
  const near = honoured.reduce((best, one) =>
    distance(key, one) < distance(key, best) ? one : best,
  );
  return `unknown parameter ${key}; did you mean ${near}?`;
}

function wholeNumber(
  given: Parameters,
  key: Parameter,
  most: number,
  name: string,
): number | undefined {
  const text = given.get(key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  return refuse(name, `${key}=${text}: a whole number from 1 to ${most}`);
}

function flag(given: Parameters, key: Parameter, name: string): boolean {
  const text = given.get(key) ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  return refuse(name, `${key}=${text}: true or false`);
}

function pemFile(given: Parameters, key: Parameter, name: string): string | undefined {
  const path = given.get(key);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? 'it cannot be read';
    throw new UserError('usage', `${name}: ${key}=${path}: ${why}`, { cause });
  }
}

function encryption(given: Parameters, name: string): pg.ClientConfig['ssl'] {
  const mode = given.get('sslmode');
  const files = (['sslrootcert', 'sslcert', 'sslkey'] as const).filter((key) => given.has(key));
  if (given.has('sslcert') !== given.has('sslkey')) refuse(name, 'sslcert and sslkey go together');
  switch (mode) {
    case undefined:
    case 'disable':
      if (files.length > 0) refuse(name, `${files[0]} needs sslmode=verify-full`);
      return false;
    case 'no-verify':
    case 'verify-full': {
      const cert = pemFile(given, 'sslcert', name);
      const key = pemFile(given, 'sslkey', name);
      const system = given.get('sslrootcert') === 'system';
      const ca = system ? undefined : pemFile(given, 'sslrootcert', name);
      return { rejectUnauthorized: mode === 'verify-full', ca, cert, key };
    }
    default: {
      const why = Object.hasOwn(insteadOfMode, mode) ? `: ${insteadOfMode[mode]}` : '';
      return refuse(name, `sslmode=${mode}${why}; write verify-full, no-verify or disable`);
    }
  }
}

/** A search path is a start-up option: both pg and Prisma's raw queries go by it. */
function startUpOptions(given: Parameters, pooler: boolean, name: string): string | undefined {
  const schema = given.get('schema');
  const own = [given.get('options'), schema && `-c search_path=${escapeOption(quoted(schema))}`];
  const options = own.filter(Boolean).join(' ');
  if (options !== '' && pooler) {
    refuse(name, 'a pooler passes no options and no schema on: ALTER ROLE ... SET search_path');
  }
  // Where there are none, pg would take PGOPTIONS, which is meant for another server.
  return options || (process.env['PGOPTIONS'] === undefined ? undefined : ' ');
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function escapeOption(text: string): string {
  return text.replaceAll(/[\\ ]/g, (character) => `\\${character}`);
}

function urlHost(url: URL, given: Parameters, name: string): string {
  const host = given.get('host') ?? decoded(url.hostname, 'host', name).replace(/^\[|\]$/g, '');
  if (host.includes(',')) refuse(name, 'several hosts; name the server that takes writes');
  return host || 'localhost';
}

/** `name`: the variable that the URL comes from, for messages. */
export function readDatabaseUrl(text: string, name = 'DATABASE_URL'): DatabaseAddress {
  const url = parse(text, name);
  const given = parameters(url, name);
  const pooler = flag(given, 'pgbouncer', name);
  const port = wholeNumber(given, 'port', 65_535, name) ?? (Number(url.port) || defaultPort);
  const user = given.get('user') ?? decoded(url.username, 'user', name);
  const password = given.get('password') ?? decoded(url.password, 'password', name);
  const database = given.get('dbname') ?? decoded(url.pathname.slice(1), 'database', name);
  const seconds = wholeNumber(given, 'connect_timeout', longestConnectSeconds, name);
  const options = startUpOptions(given, pooler, name);
  return {
    client: {
      host: urlHost(url, given, name),
      port,
      ...(user ? { user } : {}),
      ...(password ? { password } : {}),
      ...(database ? { database } : {}),
      ssl: encryption(given, name),
      application_name: given.get('application_name') ?? 'isthmus',
      ...(seconds === undefined ? {} : { connectionTimeoutMillis: seconds * 1000 }),
      ...(options === undefined ? {} : { options }),
    },
    schema: given.get('schema'),
    pooler,
    connections: wholeNumber(given, 'connection_limit', 1000, name),
  };
}

/** host:port/database, never the user or the password. */
export function databasePlace(databaseUrl: string): string {
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  const database = searchParams.get('dbname');
  const path = database === null ? pathname : `/${database}`;
  return `${host}:${searchParams.get('port') ?? (port || defaultPort)}${path}`;
}

/** The server's own limits on a session, which a pooler would refuse: there they are the role's (docs/reference/connections.md). */
export function sessionLimits({ pooler }: DatabaseAddress, milliseconds: number): pg.ClientConfig {
  if (pooler) return {};
  return {
    statement_timeout: milliseconds,
    idle_in_transaction_session_timeout: milliseconds,
  };
}
