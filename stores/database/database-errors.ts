/** Recognises queries that failed because the database is unavailable, and says so in one line. */
import { UserError } from '../../experiment/errors.js';
import { databasePlace } from '../../settings/connections/database-url.js';
import { hasOwn } from '../../experiment/own.js';

/** Codes of the system, SQLSTATE, Prisma's adapter and Prisma, and what they mean to who set the address. */
const outages: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ECONNRESET: 'it closed the connection',
  EPIPE: 'it closed the connection',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'no answer in time',
  '28P01': 'it refused the password',
  '28000': 'it refused the user',
  '3D000': 'it has no such database',
  '42501': 'it does not let this role do that',
  '42703': 'it lacks columns of this version',
  '42P01': 'it lacks the tables of this version',
  '3F000': 'it has no such schema',
  '53300': 'it has too many connections',
  '55P03': 'a lock was not free in time',
  '57014': 'a statement did not end in time',
  '57P01': 'it closed the connection',
  '57P02': 'it crashed',
  '57P03': 'it is starting up',
  DatabaseNotReachable: 'nothing answers there',
  ConnectionClosed: 'it closed the connection',
  SocketTimeout: 'no answer in time',
  DatabaseAccessDenied: 'it refused the user',
  TlsConnectionError: 'no agreement on encryption',
  P1000: 'it refused the user or the password',
  P1001: 'nothing answers there',
  P1002: 'no answer in time',
  P1003: 'it has no such database',
  P1010: 'it refused the user',
  P1017: 'it closed the connection',
  P2021: 'it lacks the tables of this version',
  P2022: 'it lacks columns of this version',
  P2028: 'a transaction did not end in time',
  P2024: 'no free connection in time',
  P2037: 'it has too many connections',
};

/** pg words some outages without a code. */
const outageTexts: readonly (readonly [RegExp, string])[] = [
  [
    /Connection terminated due to connection timeout|timeout exceeded when trying to connect|Query read timeout/,
    'no answer in time',
  ],
  [/unsupported startup parameter/, 'a pooler stands before it'],
  [/Connection terminated|Server has closed the connection/, 'it closed the connection'],
];

/** Hint for the user where neither starting the database nor naming another one helps. */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/^a pooler/, 'say pgbouncer=true in DATABASE_URL (docs/reference/connections.md)'],
  [/^it lacks/, './isthmus migrate'],
  [/^it does not let/, './isthmus migrate --print prints the rights that the role needs'],
];

/** The same error, or a `dependency-down` one if the database is what failed. */
export function explained(error: unknown, databaseUrl: string): unknown {
  if (error instanceof UserError) return error;
  const why = describeOutage(error);
  if (why === undefined) return error;
  return new UserError('dependency-down', `database ${databasePlace(databaseUrl)}: ${why}`, {
    cause: error,
    hint:
      remedies.find(([said]) => said.test(why))?.[1] ??
      './isthmus up starts the local one; DATABASE_URL names another',
  });
}

/** Runs the query and explains its failure. */
export async function explaining<T>(databaseUrl: string, query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw explained(error, databaseUrl);
  }
}

/** Looks through the chain of causes: Prisma and its adapter wrap what pg said. */
function describeOutage(error: unknown): string | undefined {
  for (let current: unknown = error; current instanceof Object;) {
    const { code, originalCode, kind, message, cause, meta } = current as Record<string, unknown>;
    for (const known of [originalCode, code, kind]) {
      if (typeof known === 'string' && hasOwn(outages, known)) return outages[known];
    }
    const said = outageTexts.find(([text]) => typeof message === 'string' && text.test(message));
    if (said) return said[1];
    current = cause ?? (meta as Record<string, unknown> | undefined)?.['driverAdapterError'];
  }
  return undefined;
}
