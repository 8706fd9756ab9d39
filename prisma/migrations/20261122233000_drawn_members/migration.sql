-- A defender who answers with one member drawn at random: two more columns at the end of the view.
CREATE OR REPLACE VIEW "v1_ensembles" AS
SELECT
    er."experiment",
    er."curve",
    jsonb_array_length(r."spec"->'t') AS "members",
    (r."spec"->>'images')::integer AS "images",
    max(m."value") FILTER (WHERE m."series" = 'ensemble_error') AS "error",
    max(m."value") FILTER (WHERE m."series" = 'ensemble_nll') AS "nll",
    max(m."value") FILTER (WHERE m."series" = 'ensemble_disagreement') AS "disagreement",
    max(m."value") FILTER (WHERE m."series" = 'ensemble_robust_error') AS "robust_error",
    max(m."value") FILTER (WHERE m."series" = 'ensemble_robust_nll') AS "robust_nll",
    avg(m."value") FILTER (WHERE m."series" = 'member_error') AS "member_error_mean",
    avg(m."value") FILTER (WHERE m."series" = 'ensemble_transfer_error') AS "transfer_error_mean",
    r."key" AS "run",
    max(m."value") FILTER (WHERE m."series" = 'drawn_member_robust_error') AS "drawn_member_robust_error",
    max(m."value") FILTER (WHERE m."series" = 'drawn_member_robust_nll') AS "drawn_member_robust_nll"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'ensemble' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key";

COMMENT ON COLUMN "v1_ensembles"."drawn_member_robust_error" IS 'Expected error of a member drawn at random after an attack on the expectation over the draw, %; null where it was not asked for.';
COMMENT ON COLUMN "v1_ensembles"."drawn_member_robust_nll" IS 'The same as expected cross-entropy, nats.';
