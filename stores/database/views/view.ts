/** The parts of a public view over the metrics of finished runs, and its SQL. */
import { createHash } from 'node:crypto';
import type { RunKind } from '../../../experiment/kinds/index.js';

export interface ViewColumn {
  readonly name: string;
  readonly sql: string;
  /** Null: the name says it. */
  readonly comment: string | null;
  /** A column that identifies the row; the others are aggregates over its metrics. */
  readonly isKey: boolean;
}

export interface ViewSource {
  readonly name: string;
  readonly comment: string;
  readonly kinds: readonly RunKind[];
  /** A condition on the specification of the run (default: every run of the kinds). */
  readonly runs?: string;
  /** A condition on the metric (default: all of the run). */
  readonly metrics?: string;
  /** Parts of the name of the series: `name.part[1]` and so on are the groups of this expression. */
  readonly pattern?: string;
  /** Expressions beside the key columns that tell rows apart (default: none). */
  readonly groupBy?: readonly string[];
  /** Columns are never removed or moved, and new ones go to the end. */
  readonly columns: readonly ViewColumn[];
}

export interface View {
  readonly name: string;
  readonly columns: readonly string[];
  /** Digest of the statements; the comment of the view ends in it, so that a database shows its version. */
  readonly digest: string;
  /** Replaces the view, or creates it. */
  readonly sql: string;
}

export function key(name: string, sql: string, comment: string | null = null): ViewColumn {
  return { name, sql, comment, isKey: true };
}

/** The key of the run, which is the content address of its result. */
export const runKey: ViewColumn = key('run', 'r."key"');

export function buildView(source: ViewSource): View {
  return viewOf(source, query(source));
}

/** Names and comments of a view, beside the query that it stands for. */
interface Described {
  readonly name: string;
  readonly comment: string;
  readonly columns: readonly Pick<ViewColumn, 'name' | 'comment'>[];
}

function viewOf({ name, comment, columns }: Described, selection: string): View {
  const statement = `CREATE OR REPLACE VIEW "${name}" AS\n${selection};`;
  const comments = columns.flatMap((column) =>
    column.comment === null
      ? []
      : [`COMMENT ON COLUMN "${name}"."${column.name}" IS ${literal(column.comment)};`],
  );
  const text = [statement, ...comments].join('\n');
  const digest = createHash('sha256').update(`${text}\n${comment}`).digest('hex').slice(0, 12);
  const sql = `${text}\nCOMMENT ON VIEW "${name}" IS ${literal(`${comment} [${digest}]`)};`;
  return { name, columns: columns.map((column) => column.name), digest, sql };
}

/** A view over rows of tables, without metrics to gather. */
export interface RecordView extends Described {
  readonly columns: readonly Omit<ViewColumn, 'isKey'>[];
  /** Everything after FROM. */
  readonly from: string;
}

export function buildRecordView(source: RecordView): View {
  const selected = source.columns.map(({ name, sql }) => `    ${sql} AS "${name}"`);
  return viewOf(source, `SELECT\n${selected.join(',\n')}\nFROM ${source.from}`);
}

function query(source: ViewSource): string {
  const { kinds, runs, metrics, pattern, columns, groupBy = [] } = source;
  const selected = columns.map(({ name, sql }) => `    ${sql} AS "${name}"`);
  const keys = columns.filter(({ isKey }) => isKey).map(({ sql }) => sql);
  const match = `CROSS JOIN LATERAL (
    SELECT regexp_match(m."series", ${literal(pattern ?? '')}) AS part
) name
WHERE name.part IS NOT NULL`;
  return [
    'SELECT',
    selected.join(',\n'),
    'FROM "experiment_run" er',
    `JOIN "run" r ON r."key" = er."run" AND r."state" = 'done'`,
    `    AND r."kind" IN (${kinds.map(literal).join(', ')})${runs === undefined ? '' : ` AND ${runs}`}`,
    `JOIN "metric" m ON m."run" = r."key"${metrics === undefined ? '' : ` AND ${metrics}`}`,
    ...(pattern === undefined ? [] : [match]),
    `GROUP BY ${[...new Set([...keys, ...groupBy])].join(', ')}`,
  ].join('\n');
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
