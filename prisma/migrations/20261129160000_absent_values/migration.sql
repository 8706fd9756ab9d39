-- AlterTable
ALTER TABLE "metric" ADD COLUMN     "n" INTEGER,
ADD COLUMN     "reason" TEXT;

-- What is NaN or infinite in the other views, and why.
CREATE VIEW "v1_absent_values" AS
SELECT
    er."experiment",
    er."curve",
    er."name",
    r."kind",
    m."series",
    m."x",
    m."value",
    coalesce(m."reason", CASE WHEN m."value" = 'NaN' THEN 'unrecorded' ELSE 'overflow' END) AS "reason",
    coalesce(m."n", 0) AS "n",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
    AND m."value" IN ('NaN'::double precision, 'Infinity'::double precision, '-Infinity'::double precision);

COMMENT ON VIEW "v1_absent_values" IS 'One row per experiment, run, series and x whose value is no finite number: a result that overflowed, or a value that does not exist.';
COMMENT ON COLUMN "v1_absent_values"."name" IS 'The run''s name in this experiment.';
COMMENT ON COLUMN "v1_absent_values"."x" IS 't along a path, the step of training, 0 for a summary.';
COMMENT ON COLUMN "v1_absent_values"."value" IS 'NaN where it does not exist; as computed where it overflowed.';
COMMENT ON COLUMN "v1_absent_values"."reason" IS 'overflow: a result, beyond the range of its numbers; every other reason: no value. docs/analysis.md has a sentence for each.';
COMMENT ON COLUMN "v1_absent_values"."n" IS 'How many values there were for it.';

CREATE OR REPLACE VIEW "v1_correlations" AS
SELECT
    er."experiment",
    er."curve",
    name.part[1] AS "attack",
    name.part[2] AS "correlation",
    name.part[3] AS "predictor",
    max(m."value") FILTER (WHERE name.part[4] IS NULL) AS "value",
    max(m."value") FILTER (WHERE name.part[4] = 'low') AS "low",
    max(m."value") FILTER (WHERE name.part[4] = 'high') AS "high",
    r."key" AS "run",
    max(m."n") FILTER (WHERE name.part[4] IS NULL) AS "n"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'summary' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
CROSS JOIN LATERAL (
    SELECT regexp_match(m."series", '^(.+)\.(pearson|spearman|partial)\.([^.]+?)(?:\.(low|high))?$') AS part
) name
WHERE name.part IS NOT NULL
GROUP BY er."experiment", er."curve", name.part[1], name.part[2], name.part[3], r."key";

COMMENT ON COLUMN "v1_correlations"."n" IS 'Number of t it is over; null where it was stored before this column.';
