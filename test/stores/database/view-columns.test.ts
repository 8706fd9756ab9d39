/** The public views as the catalogue gives them: every series has a column, and columns stay where they are. */
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { seriesCatalogue } from '../../../experiment/kinds/series.js';
import {
  attackCorrelations,
  barrierStatistics,
  lengthStatistics,
  summaryStatistics,
} from '../../../experiment/catalogue/series/summary.js';
import { seriesColumns } from '../../../stores/database/views/series-columns.js';
import { buildView, key, type View } from '../../../stores/database/views/view.js';
import { sources, views, withDefaultViews } from '../../../stores/database/views/views.js';

const snapshot = new URL('view-columns.txt', import.meta.url);

/** One line for each view: its name and its columns. */
function describeColumns(all: readonly View[]): string {
  return `${all.map(({ name, columns }) => `${name}: ${columns.join(' ')}`).join('\n')}\n`;
}

/** Views of the snapshot whose columns are no longer the first ones of the view. */
function moved(published: string, all: readonly View[]): readonly string[] {
  const now = new Map(all.map(({ name, columns }) => [name, columns]));
  const lines = published.trim().split('\n');
  return lines.flatMap((line) => {
    const [name, before] = line.split(': ') as [string, string];
    const columns = now.get(name) ?? [];
    return before.split(' ').every((column, i) => columns[i] === column) ? [] : [name];
  });
}

function withoutColumn(series: readonly string[], all: readonly View[]): readonly string[] {
  const sql = all.map((view) => view.sql).join('\n');
  return series.filter(
    (name) =>
      ![`= '${name}'`, `LIKE '${name.replaceAll('_', '\\_')}@%'`].some((c) => sql.includes(c)),
  );
}

describe('the columns of a view', () => {
  test('only grow at the end; new ones are published by `npx vitest run -u` on this file', async () => {
    const published = await readFile(snapshot, 'utf8');
    expect(moved(published, views)).toEqual([]);
    await expect(describeColumns(views)).toMatchFileSnapshot('view-columns.txt');
  });

  test('a column that is removed, inserted or exchanged is noticed, and one at the end is not', () => {
    const view = (...columns: string[]): View => ({ name: 'v1_a', columns, digest: '', sql: '' });
    const published = describeColumns([view('x', 'y', 'run')]);
    expect(moved(published, [view('x', 'y', 'run', 'z')])).toEqual([]);
    expect(moved(published, [view('x', 'run')])).toEqual(['v1_a']);
    expect(moved(published, [view('x', 'z', 'y', 'run')])).toEqual(['v1_a']);
    expect(moved(published, [view('y', 'x', 'run')])).toEqual(['v1_a']);
    expect(moved(published, [])).toEqual(['v1_a']);
  });
});

describe('every series', () => {
  const statistics = {
    ...{ ...summaryStatistics, ...barrierStatistics },
    ...{ ...lengthStatistics, ...attackCorrelations },
  };

  test('of the catalogue and every statistic is in a view', () => {
    expect(withoutColumn(Object.keys(seriesCatalogue), views)).toEqual([]);
    expect(withoutColumn(Object.keys(statistics), views)).toEqual([]);
  });

  test('that no view shows is named', () => {
    const fewer = views.filter(({ name }) => !['v1_transfers', 'v1_attacks'].includes(name));
    expect(withoutColumn(['clean_nll', 'transfer_nll', 'test_nll'], fewer)).toEqual([
      'clean_nll',
      'transfer_nll',
    ]);
  });
});

test('a later series goes behind the column of the run', () => {
  const entry = { unit: 'nats', axis: 't', better: 'lower', description: 'a loss' } as const;
  const columns = seriesColumns({ first: entry, later: entry }, { beforeRun: 1 });
  expect(columns.map(({ name }) => name)).toEqual(['first', 'run', 'later']);
  expect(columns[0]!.comment).toBe('A loss, nats.');
});

test('comments are quoted, and the digest follows from all statements', () => {
  const source = {
    ...{ name: 'v1_a', comment: "a view's", kinds: ['probe'] as const },
    columns: [key('run', 'r."key"', "the run's key")],
  };
  const view = buildView(source);
  expect(view.sql).toContain(`IS 'the run''s key';`);
  expect(view.sql).toContain(`IS 'a view''s [${view.digest}]';`);
  const other = buildView({ ...source, columns: [key('run', 'r."key"', 'the key')] });
  expect(other.digest).not.toBe(view.digest);
});

test('a kind that no view covers has one of its own, with all its series', () => {
  const known = sources.filter(({ name }) => name !== 'v1_probes');
  const added = withDefaultViews(known).slice(known.length).map(buildView);
  expect(describeColumns(added)).toBe('v1_probe: experiment name curve path x run probe_index\n');
  expect(withDefaultViews(sources)).toEqual(sources);
});
