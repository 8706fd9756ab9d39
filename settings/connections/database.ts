/** Database connections of a deployment: DATABASE_URL, completed by libpq's variables as in psql. */
import { UserError } from '../../experiment/errors.js';
import { readDatabaseUrl } from './database-url.js';
import type { Environment, Variables } from '../variables.js';

const parameterOf: Readonly<Record<string, string>> = {
  PGHOST: 'host',
  PGPORT: 'port',
  PGUSER: 'user',
  PGPASSWORD: 'password',
  PGDATABASE: 'dbname',
  PGSSLMODE: 'sslmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGAPPNAME: 'application_name',
  PGCONNECT_TIMEOUT: 'connect_timeout',
  PGOPTIONS: 'options',
};

/** Where a connection goes, or how safe it is, depends on these, and pg does not know them as libpq does. */
const unsupported: readonly string[] = [
  ...['PGHOSTADDR', 'PGSERVICE', 'PGTARGETSESSIONATTRS', 'PGLOADBALANCEHOSTS', 'PGREQUIREAUTH'],
  ...['PGCHANNELBINDING', 'PGGSSENCMODE', 'PGREQUIRESSL', 'PGSSLCRL', 'PGSSLCRLDIR'],
  ...['PGSSLNEGOTIATION', 'PGSSLMINPROTOCOLVERSION', 'PGSSLMAXPROTOCOLVERSION'],
];

/** Parameters that the URL says without naming them. */
function partsSaid(url: URL): ReadonlySet<string> {
  const parts: readonly (readonly [string, string])[] = [
    ['host', url.hostname],
    ['port', url.port],
    ['user', url.username],
    ['password', url.password],
    ['dbname', url.pathname.slice(1)],
  ];
  const said = parts.filter(([, value]) => value !== '').map(([name]) => name);
  return new Set([...said, ...url.searchParams.keys()]);
}

function completed(text: string, pooler: boolean, env: Environment): string {
  if (!URL.canParse(text)) return text; // told by who reads it
  const url = new URL(text);
  const said = partsSaid(url);
  const added = Object.entries(parameterOf).filter(([name, key]) => env[name] && !said.has(key));
  if (added.length === 0 && !pooler) return text;
  for (const [name, key] of added) url.searchParams.set(key, env[name] ?? '');
  if (pooler) url.searchParams.set('pgbouncer', 'true');
  return url.href;
}

function refuseUnsupported(env: Environment): void {
  const name = unsupported.find((one) => env[one]);
  if (name === undefined) return;
  throw new UserError('usage', `${name} is not supported beside DATABASE_URL`, {
    hint: `unset ${name}; docs/reference/connections.md lists what DATABASE_URL can say`,
  });
}

const needingDatabaseUrl = [
  'ISTHMUS_DATABASE_POOLER',
  'ISTHMUS_MIGRATE_DATABASE_URL',
  'ISTHMUS_READER_DATABASE_URL',
] as const;

/** Undefined where the database is that of the local stack, whatever PG* variables say to other programs. */
export function externalDatabase(variables: Variables, env: Environment): string | undefined {
  const { DATABASE_URL: text, ISTHMUS_DATABASE_POOLER: pooler } = variables;
  if (text === undefined) {
    const alone = needingDatabaseUrl.find((name) => variables[name] !== undefined);
    if (alone !== undefined) throw new UserError('usage', `${alone} needs DATABASE_URL`);
    return undefined;
  }
  refuseUnsupported(env);
  const url = completed(text, pooler === 'transaction', env);
  readDatabaseUrl(url);
  return url;
}

/** For migrations, or for reading; undefined where they go the same way as everything else. */
export function externalDatabaseFor(
  name: 'ISTHMUS_MIGRATE_DATABASE_URL' | 'ISTHMUS_READER_DATABASE_URL',
  { [name]: text }: Variables,
  env: Environment,
): string | undefined {
  if (text === undefined) return undefined;
  const url = completed(text, false, env);
  readDatabaseUrl(url, name);
  return url;
}
