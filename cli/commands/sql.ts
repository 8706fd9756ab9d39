/** `sql`: one query that reads, as a table, CSV, JSON or JSON lines. */
import { UserError } from '../../experiment/errors.js';
import { loadReaderUrl } from '../../settings/settings.js';
import type { Column, RowSink, Value } from '../../stores/database/query.js';
import { csvLine } from '../../report/view/csv.js';
import { jsonValue, printJson, type CommonOptions, type Context } from '../terminal/context.js';
import { exitCodes, type ExitCode } from '../terminal/exit-codes.js';
import { readText } from '../terminal/read-text.js';
import { resultsTableText } from '../terminal/tables.js';

export interface SqlOptions extends CommonOptions {
  readonly csv?: true;
  readonly jsonl?: true;
  readonly file?: string;
  /** Rows of a table. */
  readonly limit: number;
  /** Seconds. */
  readonly timeout: number;
}

export async function sql(
  context: Context,
  given: string | undefined,
  options: SqlOptions,
): Promise<ExitCode> {
  const { readQuery } = await import('../../stores/database/query.js');
  const output = outputFor(context, options);
  const timeoutMs = 1000 * options.timeout;
  await readQuery(loadReaderUrl(context.env), queryText(given, options), output.sink, {
    timeoutMs,
  });
  output.end();
  return exitCodes.ok;
}

function queryText(given: string | undefined, { file }: SqlOptions): string {
  if ((given === undefined) === (file === undefined)) {
    throw new UserError('usage', 'give a query, or --file FILE with one', {
      hint: `./isthmus sql 'select * from v1_summaries limit 5'`,
    });
  }
  return given ?? readText(file!);
}

interface Output {
  readonly sink: RowSink;
  /** After the last row. */
  end(): void;
}

function outputFor(context: Context, options: SqlOptions): Output {
  if (options.csv) return csvOutput(context);
  if (options.jsonl) return jsonLines(context);
  if (context.json) return jsonDocument(context);
  return tableOutput(context, options.limit);
}

function csvOutput({ print }: Context): Output {
  const take: RowSink['take'] = (rows) => {
    if (rows.length > 0) print(rows.map((row) => csvLine(row.map(cellText))).join('\n'));
    return true;
  };
  const begin: RowSink['begin'] = (columns) => print(csvLine(columns.map(({ name }) => name)));
  return { sink: { begin, take }, end: () => undefined };
}

function jsonLines({ print }: Context): Output {
  let names: readonly string[] = [];
  const line = (row: readonly Value[]) => JSON.stringify(asRecord(names, row), jsonValue);
  return {
    sink: {
      begin: (columns) => void (names = distinctNames(columns)),
      take(rows) {
        if (rows.length > 0) print(rows.map(line).join('\n'));
        return true;
      },
    },
    end: () => undefined,
  };
}

function jsonDocument(context: Context): Output {
  let names: readonly string[] = [];
  const found: (readonly Value[])[] = [];
  return {
    sink: {
      begin: (columns) => void (names = distinctNames(columns)),
      take(rows) {
        found.push(...rows);
        return true;
      },
    },
    end: () =>
      printJson(context, { columns: names, rows: found.map((row) => asRecord(names, row)) }),
  };
}

/** A record has each name once. */
function distinctNames(columns: readonly Column[]): readonly string[] {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined) return names;
  throw new UserError('bad-input', `two columns are called "${twice}"`, {
    hint: 'name one of them otherwise: ... AS other, or take --csv',
  });
}

function asRecord(names: readonly string[], row: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]));
}

function tableOutput(context: Context, limit: number): Output {
  let columns: readonly Column[] = [];
  const found: (readonly Value[])[] = [];
  const end = (): void => {
    const shown = found.slice(0, limit);
    const cut = found.length > limit;
    const title = cut ? `the first ${limit} rows` : rowCount(found.length);
    const head = columns.map(({ name }) => name);
    const rows = shown.map((row) => row.map(cellText));
    context.print(resultsTableText({ title, head, rows }, context.width));
    if (cut)
      context.say('there are more rows: --limit N shows more, --csv and --jsonl all of them');
  };
  return {
    sink: {
      begin: (found) => void (columns = found),
      take(rows) {
        found.push(...rows);
        return found.length <= limit;
      },
    },
    end,
  };
}

function rowCount(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

/** As Postgres writes it; SQL's NULL is empty. */
function cellText(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
