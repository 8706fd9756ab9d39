/** A database address as the environment variables of libpq, for programs such as psql. */
import { readDatabaseUrl } from './database-url.js';

/** Sessions are read-only until they say otherwise. */
const readOnly = '-c default_transaction_read_only=on';

/** Without certificates checked there is no name for it in libpq but this one. */
const modes: Readonly<Record<string, string>> = { 'no-verify': 'require' };

export function libpqVariables(databaseUrl: string): Readonly<Record<string, string>> {
  const { client, pooler } = readDatabaseUrl(databaseUrl);
  const { host, port, user, database, password, options } = client;
  const given = new URL(databaseUrl).searchParams;
  const mode = given.get('sslmode') ?? 'disable';
  const startUp = [pooler ? '' : readOnly, options?.trim() ?? ''].filter(Boolean).join(' ');
  const values = {
    ...{ PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database },
    PGPASSWORD: typeof password === 'string' ? password : undefined,
    PGSSLMODE: modes[mode] ?? mode,
    PGSSLROOTCERT: given.get('sslrootcert') ?? undefined,
    PGSSLCERT: given.get('sslcert') ?? undefined,
    PGSSLKEY: given.get('sslkey') ?? undefined,
    PGOPTIONS: startUp === '' ? undefined : startUp,
    PGAPPNAME: 'isthmus psql',
  };
  const set = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(set) as Record<string, string>;
}
