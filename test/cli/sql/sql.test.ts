// `sql` and `psql` from outside: what they print, and that no query changes anything.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, describe, expect, it } from 'vitest';
import { loadReaderUrl } from '../../../settings/settings.js';
import { libpqVariables } from '../../../settings/connections/libpq.js';
import { repositoryRoot } from '../../../settings/paths.js';
import { stackEnv } from '../../stack.js';
import { isthmus } from '../isthmus.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-sql-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const sql = (...args: readonly string[]) => isthmus(stackEnv(), 'sql', ...args);

const values = `select * from (values (10, 0.5::float8, 'a,b', true), (2, 'NaN', null, false)) as v (n, x, name, "is it")`;

describe('sql', () => {
  it('prints a table with numbers to the right', async () => {
    const { code, stdout, stderr } = await sql(values);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(
      ['2 rows', ' n    x  name  is it', '10  0.5  a,b   true', ' 2  NaN        false', ''].join(
        '\n',
      ),
    );
  });

  it('prints CSV, JSON lines and JSON with the types of the columns', async () => {
    expect((await sql(values, '--csv')).stdout).toBe(
      'n,x,name,is it\n10,0.5,"a,b",true\n2,NaN,,false\n',
    );
    const rows = [
      { n: 10, x: 0.5, name: 'a,b', 'is it': true },
      { n: 2, x: 'NaN', name: null, 'is it': false },
    ];
    const lines = (await sql(values, '--jsonl')).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(rows);
    expect(JSON.parse((await sql(values, '--json')).stdout)).toEqual({
      ...{ columns: ['n', 'x', 'name', 'is it'], rows },
    });
  });

  it('takes a file, comments, and a semicolon at the end', async () => {
    const file = join(folder, 'question.sql');
    writeFileSync(file, '-- how many\nwith one as (select 1 as n)\nselect count(*) from one;\n');
    expect((await sql('--file', file, '--csv')).stdout).toBe('count\n1\n');
  });

  it('says that a table is cut, and writes every row as CSV', async () => {
    const many = 'select n from generate_series(1, 12000) n';
    const { stdout, stderr } = await sql(many, '--limit', '3');
    expect(stdout).toBe('the first 3 rows\nn\n1\n2\n3\n');
    expect(stderr).toMatch(/there are more rows: --limit N/);
    const lines = (await sql(many, '--csv')).stdout.trim().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([12_001, '12000']);
  });

  it.each([
    ['drop table run', /^error: a query begins with select, with, values, table; got "drop"$/m],
    ['select 1; drop table run', /^error: cannot insert multiple commands/m],
    [
      'with gone as (delete from run returning key) select * from gone',
      /^error: .*data-modifying/m,
    ],
    [
      'select * from v1_atacks',
      /^error: .*does not exist \(did you mean "v1_attacks"\?\) \(line 1/m,
    ],
    ['select\n nothing', /^error: column "nothing" does not exist \(line 2 of the query\)$/m],
    ['', /^error: .*got nothing$/m],
  ])('refuses %j', async (query, message) => {
    const { code, stdout, stderr } = await sql(query);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
  });

  it('refuses two columns of one name where a record would lose one', async () => {
    const { code, stderr } = await sql('select 1 as a, 2 as a', '--jsonl');
    expect(code).toBe(1);
    expect(stderr).toMatch(/two columns are called "a"/);
  });

  it('ends a query that takes too long', async () => {
    const { code, stderr } = await sql('select pg_sleep(30)', '--timeout', '1');
    expect(code).toBe(1);
    expect(stderr).toMatch(/no answer within 1 s\nnext: --timeout takes more seconds/);
  });

  it('asks for one of a query and a file', async () => {
    expect((await sql()).code).toBe(2);
    expect((await sql('select 1', '--file', 'x.sql')).code).toBe(2);
  });
});

describe('docs/how-to/query-with-sql.md', () => {
  const page = readFileSync(join(repositoryRoot, 'docs/how-to/query-with-sql.md'), 'utf8');
  const asked = /^### (.*)\n\n```sql\n([^`]*)```\n\n```text\n([^`]*)```/gm;
  const questions = [...page.matchAll(asked)].map(([, title, query, answer]) => ({
    ...{ title: title!, query: query!, answer: answer! },
  }));

  it('asks twenty questions or more', () => {
    expect(questions.length).toBeGreaterThanOrEqual(20);
    expect(page.match(/^### /gm)).toHaveLength(questions.length);
  });

  it.each(questions)('$title', async ({ query, answer }) => {
    const { code, stdout, stderr } = await sql(query, '--csv');
    expect([code, stderr]).toEqual([0, '']);
    const columns = stdout.split('\n')[0]!.split(',');
    // A wide table goes on below, where it begins with its first column again.
    const heads = answer.split('\n\n').map((block) => block.split('\n')[0]!.trim().split(/ {2,}/));
    const [first, ...further] = heads as [string[], ...string[][]];
    expect(columns).toEqual([...first, ...further.flatMap((head) => head.slice(1))]);
  });
});

describe('the role that sql and psql log in as', () => {
  const asReader = async (statement: string) => {
    const client = new pg.Client({ connectionString: loadReaderUrl(stackEnv()) });
    await client.connect();
    try {
      // Whoever may lift it can do no more than the role may.
      await client.query('SET default_transaction_read_only = off');
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };

  it.each([
    'delete from run',
    'create table t (n int)',
    'create temporary table t (n int)',
    "copy (select 1) to program 'true'",
    'create role other',
  ])('may not %s', async (statement) => {
    await expect(asReader(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('may read tables and views', async () => {
    await expect(asReader('select * from v1_runs limit 1')).resolves.toBeDefined();
    await expect(asReader('select * from run limit 1')).resolves.toBeDefined();
  });
});

describe('psql', () => {
  it('says where to get it, if it is not installed', async () => {
    const { code, stderr } = await isthmus({ ...stackEnv(), PATH: '/nowhere' }, 'psql');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: psql is not installed\nnext: apt install postgresql-client/);
  });

  it('is given its address in variables, and a session that reads', () => {
    const url =
      'postgresql://reader:p%40ss@db.example:6432/results?sslmode=no-verify&options=-c%20x.y%3D1';
    expect(libpqVariables(url)).toEqual({
      ...{ PGHOST: 'db.example', PGPORT: '6432', PGUSER: 'reader', PGDATABASE: 'results' },
      ...{ PGPASSWORD: 'p@ss', PGSSLMODE: 'require', PGAPPNAME: 'isthmus psql' },
      PGOPTIONS: '-c default_transaction_read_only=on -c x.y=1',
    });
    expect(libpqVariables('postgresql://a@h/d')).toMatchObject({ PGSSLMODE: 'disable' });
    expect(libpqVariables('postgresql://a@h/d?pgbouncer=true')).not.toHaveProperty('PGOPTIONS');
  });
});
