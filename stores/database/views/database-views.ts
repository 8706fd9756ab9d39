/** The public views that a database has, beside those of this version. */
import type pg from 'pg';
import type { View } from './view.js';
import { views } from './views.js';

interface Present {
  readonly name: string;
  readonly columns: readonly string[];
  readonly comment: string | null;
}

/** Views to create or replace. One with more columns is of a newer version, and stays. */
export async function findOutdatedViews(client: pg.Client): Promise<readonly View[]> {
  const present = new Map((await presentViews(client)).map((view) => [view.name, view]));
  return views.filter((view) => {
    const there = present.get(view.name);
    return there === undefined || !(isCurrent(view, there) || isOlder(view, there));
  });
}

function isCurrent({ digest }: View, { comment }: Present): boolean {
  return comment?.endsWith(`[${digest}]`) ?? false;
}

/** Whether this version's view is an older state of the one that is there. */
function isOlder({ columns }: View, there: Present): boolean {
  const begin = there.columns.slice(0, columns.length);
  return there.columns.length > columns.length && begin.every((name, i) => name === columns[i]);
}

async function presentViews(client: pg.Client): Promise<readonly Present[]> {
  const { rows } = await client.query<Present>(
    `SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment,
       array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c
     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relkind = 'v' AND c.relname = ANY($1) AND pg_table_is_visible(c.oid)
     GROUP BY c.oid`,
    [views.map(({ name }) => name)],
  );
  return rows;
}
