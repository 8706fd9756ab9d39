/** The page about the public SQL views, from the statements that create them. */
import { code, page, table } from './markdown.js';

interface View {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly { readonly name: string; readonly description: string }[];
}

const creation = /^CREATE (?:OR REPLACE )?VIEW "(v1_\w+)" AS\nSELECT\n([^;]*?)\nFROM /gm;
const viewComment = /^COMMENT ON VIEW "(v1_\w+)" IS '((?:[^']|'')*)';/gm;
const columnComment = /^COMMENT ON COLUMN "(v1_\w+)"."(\w+)" IS '((?:[^']|'')*)';/gm;

/** Columns of many views, where a view says nothing more. */
const common: Readonly<Record<string, string>> = {
  experiment: 'Id of the experiment.',
  curve: 'Name of the curve.',
  run: 'Key of the run.',
  t: 'Position on the path, 0 at the start and 1 at the end.',
};

/** A comment in SQL, without the digest at its end by which a database tells what it has. */
function unquoted(text: string): string {
  return text.replaceAll("''", "'").replace(/ \[[0-9a-f]{12}\]$/, '');
}

/** One column a line, which ends with its name. */
function columnNames(list: string): readonly string[] {
  return list.split(/,\n/).map((line) => {
    const name = /"(\w+)"\s*$/.exec(line)?.[1];
    if (name === undefined) throw new Error(`no column name at the end of: ${line}`);
    return name;
  });
}

/** The views that a sequence of migrations leaves: a later definition or comment replaces an earlier one. */
export function readViews(migrations: readonly string[]): readonly View[] {
  const sql = migrations.join('\n');
  const about = new Map([...sql.matchAll(viewComment)].map(([, view, text]) => [view!, text!]));
  const meanings = new Map(
    [...sql.matchAll(columnComment)].map(([, view, name, text]) => [`${view}.${name}`, text!]),
  );
  const columns = new Map(
    [...sql.matchAll(creation)].map(([, view, list]) => [view!, columnNames(list!)]),
  );
  return [...columns].map(([name, names]) => ({
    name,
    description: unquoted(about.get(name) ?? ''),
    columns: names.map((column) => ({
      name: column,
      description: unquoted(meanings.get(`${name}.${column}`) ?? common[column] ?? ''),
    })),
  }));
}

const intro = `The views are the public interface to the database: a column never disappears or changes its place
within \`v1_\`. Tables may change with any release. A value that does not exist is NaN in a view and has its
reason in \`v1_absent_values\` ([absent values](../concepts/analysis.md#absent-values)). [How to
connect](../how-to/use-your-own-services.md#query-the-results).`;

export function viewsPage(views: readonly View[]): string {
  return page(
    'SQL views',
    intro,
    ...views.flatMap(({ name, description, columns }) => [
      `## ${code(name)}`,
      description,
      table(
        ['column', 'meaning'],
        columns.map((column) => [code(column.name), column.description]),
      ),
    ]),
  );
}
