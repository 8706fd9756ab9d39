/** The views of what is recorded beside metrics: experiments, runs, attempts, artifacts and what came from what. */
import type { RecordView } from './view.js';

type Column = RecordView['columns'][number];

function column(name: string, sql: string, comment: string | null = null): Column {
  return { name, sql, comment };
}

const experiment = column('experiment', 'er."experiment"');
const name = column('name', 'er."name"', "The run's name in this experiment.");
const run = column('run', 'r."key"');
const kind = column('kind', 'r."kind"', 'Kind of the run.');
const curve = column(
  'curve',
  'er."curve"',
  'Name of the curve that it belongs to; null for endpoints.',
);
const runs = `"experiment_run" er
JOIN "run" r ON r."key" = er."run"`;

const experiments: RecordView = {
  name: 'v1_experiments',
  comment: 'One row per experiment: its state, its times and how many runs it has.',
  columns: [
    column('experiment', 'e."id"'),
    column('name', 'e."name"', 'Name in the experiment file.'),
    column('state', 'e."state"', 'running, done, failed, cancelled or interrupted.'),
    column('created_at', 'e."created_at"', 'When it was first started.'),
    column('finished_at', 'e."finished_at"', 'When it last ended.'),
    column('runs', 'counted."runs"', 'Number of runs.'),
    column('runs_done', 'counted."done"', 'Number of finished runs.'),
    column('signature', 'e."signature"', 'sha256 of what decides the results.'),
    column('file', 'e."config"', 'The experiment file as it was understood, with every default.'),
  ],
  from: `"experiment" e
CROSS JOIN LATERAL (
    SELECT count(*) AS "runs", count(*) FILTER (WHERE r."state" = 'done') AS "done"
    FROM ${runs}
    WHERE er."experiment" = e."id"
) counted`,
};

const runView: RecordView = {
  name: 'v1_runs',
  comment: 'One row per experiment and run: its state, and how long its newest attempt took.',
  columns: [
    ...[experiment, name, kind],
    curve,
    column(
      'state',
      'r."state"',
      'queued, running, done, failed, blocked, interrupted or cancelled.',
    ),
    column('attempts', 'r."epoch"', 'How often it was begun.'),
    column('started_at', 'r."started_at"', 'When its newest attempt began.'),
    column('finished_at', 'r."finished_at"', 'When it ended.'),
    column(
      'seconds',
      'extract(epoch FROM r."finished_at" - r."started_at")::double precision',
      'Time of its newest attempt.',
    ),
    column('failure_type', 'r."failure_type"'),
    column('failure_message', 'r."failure_message"'),
    column('specification', 'r."spec"', 'Everything that it is computed from but its inputs.'),
    run,
  ],
  from: runs,
};

const attempts: RecordView = {
  name: 'v1_attempts',
  comment: 'One row per experiment, run and attempt: who computed it, when, and with what.',
  columns: [
    ...[experiment, name],
    column('attempt', 'a."epoch"', '1 for the first one.'),
    column('worker', 'a."worker"'),
    column('outcome', 'a."outcome"', 'Null while it goes on.'),
    column('started_at', 'a."started_at"'),
    column('ended_at', 'a."ended_at"'),
    column(
      'environment',
      'a."environment"',
      'Versions, commit and machine that computed the result; null until there is one.',
    ),
    run,
  ],
  from: `${runs}
JOIN "attempt" a ON a."run" = r."key"`,
};

const metrics: RecordView = {
  name: 'v1_metrics',
  comment: 'One row per experiment, run, series and x: every value in long format.',
  columns: [
    ...[experiment, name, kind],
    curve,
    column('series', 'm."series"', 'Name of the series (docs/reference/series.md).'),
    column('x', 'm."x"', 't on paths, the step in training, 0 for a single value.'),
    column('value', 'm."value"', 'NaN where it does not exist.'),
    column('n', 'm."n"', 'Number of values that it is over; null where what it is says so.'),
    column('reason', 'm."reason"', 'Why there is no finite value; null for a finite one.'),
    run,
  ],
  from: `${runs}
JOIN "metric" m ON m."run" = r."key"`,
};

const artifacts: RecordView = {
  name: 'v1_artifacts',
  comment: 'One row per experiment, run and file that it stored.',
  columns: [
    ...[experiment, name],
    column('artifact', 'o."name"', 'Its name, as `isthmus artifact` takes it.'),
    column('bytes', 'f."bytes"'),
    column('digest', 'f."digest"', 'sha256; the blob is at blobs/sha256/<first 2>/<the other 62>.'),
    run,
  ],
  from: `${runs}
JOIN "run_output" o ON o."run" = r."key"
JOIN "artifact" f ON f."digest" = o."digest"`,
};

const lineage: RecordView = {
  name: 'v1_lineage',
  comment:
    'One row per run, ancestor and role: everything a run was computed from, back to both endpoints, finished or not.',
  columns: [
    ...[experiment, name, kind],
    column(
      'role',
      'link."role"',
      'What the ancestor is for the run that needs it directly: start, end, curve, evaluation, spectrum or attack:<name>.',
    ),
    column(
      'depth',
      'min(link."depth")',
      'Links on the shortest way to the ancestor; 1 for what the run itself needs.',
    ),
    column('ancestor_name', 'ancestor_er."name"', "The ancestor's name in this experiment."),
    column('ancestor_kind', 'ancestor."kind"'),
    column('ancestor_state', 'ancestor."state"'),
    column('run', 'link."run"'),
    column('ancestor', 'link."ancestor"', 'Key of the ancestor.'),
  ],
  from: `(
    WITH RECURSIVE "found" ("run", "role", "ancestor", "depth") AS (
        SELECT "run", "role", "input", 1 FROM "run_need"
        UNION
        SELECT found."run", need."role", need."input", found."depth" + 1
        FROM "found" found
        JOIN "run_need" need ON need."run" = found."ancestor"
    )
    SELECT * FROM "found"
) link
JOIN "run" r ON r."key" = link."run"
JOIN "run" ancestor ON ancestor."key" = link."ancestor"
JOIN "experiment_run" er ON er."run" = link."run"
JOIN "experiment_run" ancestor_er
    ON ancestor_er."run" = link."ancestor" AND ancestor_er."experiment" = er."experiment"
GROUP BY er."experiment", er."name", r."kind", link."role", ancestor_er."name", ancestor."kind",
    ancestor."state", link."run", link."ancestor"`,
};

export const recordViews: readonly RecordView[] = [
  ...[experiments, runView, attempts, metrics, artifacts, lineage],
];
