/** One query of a user, read row by row in a transaction that changes nothing. */
import pg from 'pg';
import { UserError } from '../../experiment/errors.js';
import { nearestHint } from '../../experiment/reading/nearest.js';
import { readDatabaseUrl, sessionLimits } from '../../settings/connections/database-url.js';
import { explained } from './database-errors.js';
import { views } from './views/views.js';

/** A value as JSON has it; dates and exact decimals are text, and so are whole numbers beyond 2^53. */
export type Value = string | number | boolean | null | object;

export interface Column {
  readonly name: string;
  readonly isNumeric: boolean;
}

/** Takes rows as they come. */
export interface RowSink {
  begin(columns: readonly Column[]): void;
  /** Whether more are wanted. */
  take(rows: readonly (readonly Value[])[]): boolean;
}

export interface QueryOptions {
  readonly timeoutMs: number;
  /** Rows that are fetched together. */
  readonly batch?: number;
}

const connectTimeoutMs = 10_000;
const defaultBatch = 5_000;

/** Only a query that reads can be declared as a cursor, and only one of them. */
export async function readQuery(
  databaseUrl: string,
  sql: string,
  sink: RowSink,
  { timeoutMs, batch = defaultBatch }: QueryOptions,
): Promise<void> {
  const query = sql.trim().replace(/;\s*$/, '');
  const address = readDatabaseUrl(databaseUrl);
  const client = new pg.Client({
    connectionTimeoutMillis: connectTimeoutMs,
    ...address.client,
    ...sessionLimits(address, timeoutMs),
    types: { getTypeParser: ((oid: number) => parsers[oid] ?? asText) as never },
  });
  client.on('error', () => undefined); // the next query says so
  try {
    await client.connect();
    await client.query('BEGIN READ ONLY');
    await answer(client, query, sink, batch).catch((error: unknown) => {
      throw refusal(error, query, timeoutMs);
    });
    await client.query('COMMIT');
  } catch (error) {
    throw explained(error, databaseUrl);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function answer(
  client: pg.Client,
  query: string,
  sink: RowSink,
  batch: number,
): Promise<void> {
  await declare(client, query);
  await fetchAll(client, sink, batch);
}

const opening = 'DECLARE rows NO SCROLL CURSOR FOR ';

async function declare(client: pg.Client, query: string): Promise<void> {
  const word = firstWord(query);
  if (!readingWords.includes(word)) {
    const got = word === '' ? 'nothing' : `"${word}"`;
    throw new UserError('bad-input', `a query begins with ${readingWords.join(', ')}; got ${got}`, {
      hint: './isthmus psql takes every statement that reads',
    });
  }
  // As a prepared statement: the protocol then takes one statement and no more.
  const prepared = { text: `${opening}${query}`, queryMode: 'extended' };
  await client.query(prepared as pg.QueryConfig);
}

const readingWords: readonly string[] = ['select', 'with', 'values', 'table'];

/** After comments, in lower case; an opening bracket says nothing. */
function firstWord(query: string): string {
  const bare = query.replace(/^(\s+|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/|\()+/, '');
  return /^\w+/.exec(bare)?.[0].toLowerCase() ?? bare.slice(0, 1);
}

async function fetchAll(client: pg.Client, sink: RowSink, batch: number): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    const text = `FETCH FORWARD ${batch} FROM rows`;
    const { rows, fields } = await client.query<Value[]>({ text, rowMode: 'array' });
    if (isFirst) {
      sink.begin(
        fields.map(({ name, dataTypeID }) => ({ name, isNumeric: numeric.has(dataTypeID) })),
      );
    }
    if (!sink.take(rows) || rows.length < batch) return;
  }
}

/** OIDs of Postgres, which never change. */
const oids = { bool: 16, int8: 20, int2: 21, int4: 23, json: 114, float4: 700, float8: 701 };
const [numericOid, jsonb] = [1700, 3802];
const numeric = new Set([
  ...[oids.int2, oids.int4, oids.int8, oids.float4, oids.float8],
  numericOid,
]);

const asText = (text: string): Value => text;
const exactly = (text: string): Value => (Number.isSafeInteger(Number(text)) ? Number(text) : text);
const parsers: Readonly<Record<number, (text: string) => Value>> = {
  [oids.bool]: (text) => text === 't',
  [oids.int2]: Number,
  [oids.int4]: Number,
  [oids.int8]: exactly,
  [oids.float4]: Number,
  [oids.float8]: Number,
  [oids.json]: (text) => JSON.parse(text) as Value,
  [jsonb]: (text) => JSON.parse(text) as Value,
};

const undefinedTable = '42P01';
const tooLate = '57014';
/** Classes of what is no fault of the query: connections, resources, operators, the system. */
const outage = /^(08|53|57P|58|XX)/;

/** The words of Postgres on the query, with the line it is in; other errors as they are. */
function refusal(error: unknown, query: string, timeoutMs: number): unknown {
  if (!(error instanceof pg.DatabaseError) || outage.test(error.code ?? '')) return error;
  if (error.code === tooLate) {
    return new UserError('failed', `no answer within ${timeoutMs / 1000} s`, {
      cause: error,
      hint: '--timeout takes more seconds',
    });
  }
  const at = Number(error.position ?? 0) - 1 - opening.length;
  const line = at < 0 ? '' : ` (line ${query.slice(0, at).split('\n').length} of the query)`;
  const [, relation] = /relation "(.*)" does not exist/.exec(error.message) ?? [];
  const near =
    error.code === undefinedTable && relation !== undefined
      ? nearestHint(
          relation,
          views.map(({ name }) => name),
        )
      : '';
  return new UserError('bad-input', `${error.message}${near}${line}`, {
    cause: error,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}
