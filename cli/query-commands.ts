/** Declares `sql` and `psql`. */
import { Option, type Command } from 'commander';
import type { SqlOptions } from './commands/sql.js';
import { declare, wideOption } from './options.js';
import type { CommonOptions, Finish } from './terminal/context.js';
import { positiveInteger } from './terminal/option-values.js';

const sqlExamples = `
Examples:
  ./isthmus sql 'select curve, attack, max(robust_error) from v1_attacks group by 1, 2'
  ./isthmus sql --file question.sql --csv > answer.csv
The views and their columns: docs/reference/views.md; questions and their queries: docs/how-to/query-with-sql.md`;

export function queryCommands(program: Command, finish: Finish): void {
  declare(program, 'sql', 'ask the results in SQL: one query, which can only read')
    .argument('[query]', 'such as "select * from v1_summaries"')
    .option('--file <sql>', 'read the query from this file')
    .addOption(new Option('--csv', 'all rows, comma-separated').conflicts(['json', 'jsonl']))
    .addOption(new Option('--jsonl', 'all rows, one JSON object a line').conflicts('json'))
    .option('--limit <n>', 'rows of a table', positiveInteger, 1000)
    .option('--timeout <seconds>', 'longest time for the query', positiveInteger, 60)
    .addOption(wideOption('csv', 'jsonl'))
    .addHelpText('after', sqlExamples)
    .action((query: string | undefined, options: SqlOptions) =>
      finish(options, async (context) =>
        (await import('./commands/sql.js')).sql(context, query, options),
      ),
    );
  declare(program, 'psql', "open Postgres's own terminal on the results, to read")
    .argument('[args...]', "psql's own arguments, after --")
    .action((args: readonly string[], options: CommonOptions) =>
      finish(options, async (context) => (await import('./commands/psql.js')).psql(context, args)),
    );
}
