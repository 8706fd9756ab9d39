/** Every parameter of DATABASE_URL is honoured or refused by name, and nothing repeats the password. */
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { UserError } from '../../experiment/errors.js';
import {
  databasePlace,
  readDatabaseUrl,
  sessionLimits,
} from '../../settings/connections/database-url.js';

const base = 'postgresql://me:hunter2@db.example:6432/lab';
const authority = fileURLToPath(new URL('../stores/fixtures/tls/authority.pem', import.meta.url));

function refusal(text: string): UserError {
  try {
    readDatabaseUrl(text);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).not.toContain('hunter2');
    expect((error as UserError).kind).toBe('usage');
    return error as UserError;
  }
  throw new Error(`not refused: ${text}`);
}

describe('is honoured', () => {
  test.each([
    ['', { host: 'db.example', port: 6432, user: 'me', password: 'hunter2', database: 'lab' }],
    ['', { ssl: false, application_name: 'isthmus' }],
    ['?sslmode=disable', { ssl: false }],
    ['?sslmode=verify-full', { ssl: { rejectUnauthorized: true } }],
    ['?sslmode=verify-full&sslrootcert=system', { ssl: { rejectUnauthorized: true } }],
    ['?sslmode=no-verify', { ssl: { rejectUnauthorized: false } }],
    ['?application_name=study', { application_name: 'study' }],
    ['?connect_timeout=3', { connectionTimeoutMillis: 3000 }],
    ['?options=-c%20lock_timeout%3D5s', { options: '-c lock_timeout=5s' }],
    ['?schema=my%20lab', { options: '-c search_path="my\\ lab"' }],
    ['?host=/run/postgresql&user=other', { host: '/run/postgresql', user: 'other' }],
    ['?port=1&dbname=other', { port: 1, database: 'other' }],
  ])('%s', (parameters, client) => {
    expect(readDatabaseUrl(base + parameters).client).toMatchObject(client);
  });

  test('sslrootcert, as the authority itself', () => {
    const { ssl } = readDatabaseUrl(`${base}?sslmode=verify-full&sslrootcert=${authority}`).client;
    expect(ssl).toMatchObject({ ca: expect.stringContaining('BEGIN CERTIFICATE') });
  });

  test('pgbouncer, schema and connection_limit, which Prisma writes', () => {
    const { pooler, connections } = readDatabaseUrl(`${base}?pgbouncer=true&connection_limit=7`);
    expect([pooler, connections]).toEqual([true, 7]);
    expect(readDatabaseUrl(`${base}?schema=public`).schema).toBe('public');
    expect(sessionLimits(readDatabaseUrl(`${base}?pgbouncer=true`), 7)).toEqual({});
    expect(sessionLimits(readDatabaseUrl(base), 7)).toMatchObject({ statement_timeout: 7 });
  });

  test('a socket without a host', () => {
    const { client } = readDatabaseUrl('postgresql:///lab?host=/run/postgresql');
    expect(client).toMatchObject({ host: '/run/postgresql', database: 'lab' });
  });

  test('a password with every character, percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (password) => {
        const url = `postgresql://me:${encodeURIComponent(password)}@db.example/lab`;
        expect(readDatabaseUrl(url).client.password).toBe(password);
        expect(databasePlace(url)).toBe('db.example:5432/lab');
      }),
    );
  });
});

describe('is refused with the reason', () => {
  test.each([
    ['?sslmode=require', /sslmode=require: some clients.*write verify-full/],
    ['?sslmode=prefer', /goes unencrypted/],
    ['?sslmode=verify-ca', /name of the server/],
    ['?sslmode=on', /write verify-full, no-verify or disable/],
    ['?sslrootcert=/x', /sslrootcert needs sslmode=verify-full/],
    ['?sslmode=verify-full&sslrootcert=/nowhere.pem', /sslrootcert=\/nowhere.pem: ENOENT/],
    ['?sslmode=verify-full&sslcert=/x', /sslcert and sslkey go together/],
    ['?ssl=true', /ssl is not supported: write sslmode/],
    ['?sslaccept=strict', /sslaccept is not supported/],
    ['?channel_binding=require', /channel_binding is not supported: leave it out/],
    ['?target_session_attrs=read-write', /name the server that takes writes/],
    ['?statement_timeout=5', /statement_timeout is not supported/],
    ['?sslmod=disable', /unknown parameter sslmod; did you mean sslmode\?/],
    ['?connect_timeout=soon', /connect_timeout=soon: a whole number/],
    ['?connect_timeout=0', /a whole number from 1/],
    ['?pgbouncer=yes', /pgbouncer=yes: true or false/],
    ['?pgbouncer=true&schema=lab', /a pooler passes no options and no schema on/],
    ['?sslmode=disable&sslmode=verify-full', /sslmode is given twice/],
    ['?host=a,b', /several hosts/],
  ])('%s', (parameters, message) => {
    expect(refusal(base + parameters).message).toMatch(message);
  });

  test.each([
    ['postgresql://me:hunter2@/lab?host=/run', /with a socket write postgresql:\/\/\//],
    ['mysql://me:hunter2@db/lab', /not an address of the form postgresql:\/\//],
    ['postgresql://me:hunter2%zz@db/lab', /the password is not percent-encoded/],
  ])('%s', (url, message) => {
    expect(refusal(url).message).toMatch(message);
  });

  test('whatever it is called: no unknown parameter passes', () => {
    const known = readKnown();
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_]{1,20}$/), (key) => {
        fc.pre(!known.has(key));
        expect(refusal(`${base}?${key}=1`).message).toContain(key);
      }),
    );
  });
});

function readKnown(): ReadonlySet<string> {
  return new Set([
    ...['host', 'port', 'user', 'password', 'dbname', 'sslmode', 'sslrootcert', 'sslcert'],
    ...['sslkey', 'application_name', 'connect_timeout', 'options', 'schema', 'pgbouncer'],
    'connection_limit',
  ]);
}

describe('variables of libpq', () => {
  afterEach(() => delete process.env['PGOPTIONS']);

  test('PGOPTIONS, meant for another server, reaches none of our connections', () => {
    process.env['PGOPTIONS'] = '-c search_path=elsewhere';
    expect(readDatabaseUrl(base).client.options).toBe(' ');
  });
});
