-- The public face of the results: these views keep their columns and meanings. What must change becomes v2 beside them.
-- They show finished runs only; a shared run appears under every experiment that asked for it.

CREATE VIEW "v1_curve_points" AS
SELECT
    er."experiment",
    er."curve",
    r."spec"->>'path' AS "path",
    m."x" AS "t",
    max(m."value") FILTER (WHERE m."series" = 'train_nll') AS "train_nll",
    max(m."value") FILTER (WHERE m."series" = 'train_loss') AS "train_loss",
    max(m."value") FILTER (WHERE m."series" = 'train_error') AS "train_error",
    max(m."value") FILTER (WHERE m."series" = 'test_nll') AS "test_nll",
    max(m."value") FILTER (WHERE m."series" = 'test_loss') AS "test_loss",
    max(m."value") FILTER (WHERE m."series" = 'test_error') AS "test_error",
    max(m."value") FILTER (WHERE m."series" = 'arc_length') AS "arc_length",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'evaluation' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

COMMENT ON VIEW "v1_curve_points" IS 'One row per experiment, curve, path and t: the clean evaluation of the weights at that point.';
COMMENT ON COLUMN "v1_curve_points"."path" IS 'curve: the fitted curve; line: the straight line between the same ends.';
COMMENT ON COLUMN "v1_curve_points"."t" IS 'Position on the path, 0 at the start and 1 at the end.';
COMMENT ON COLUMN "v1_curve_points"."train_nll" IS 'Mean cross-entropy over the training set, nats.';
COMMENT ON COLUMN "v1_curve_points"."train_loss" IS 'train_nll plus half the weight decay times the squared norm of the weights, nats.';
COMMENT ON COLUMN "v1_curve_points"."train_error" IS 'Misclassified share of the training set, %.';
COMMENT ON COLUMN "v1_curve_points"."test_nll" IS 'Mean cross-entropy over the test set, nats.';
COMMENT ON COLUMN "v1_curve_points"."test_loss" IS 'test_nll plus half the weight decay times the squared norm of the weights, nats.';
COMMENT ON COLUMN "v1_curve_points"."test_error" IS 'Misclassified share of the test set, %.';
COMMENT ON COLUMN "v1_curve_points"."arc_length" IS 'Length of the path from t = 0 over the measured points, weight units.';

CREATE VIEW "v1_attacks" AS
SELECT
    er."experiment",
    er."curve",
    split_part(er."name", '/', 3) AS "attack",
    r."spec"->>'norm' AS "norm",
    (r."spec"->>'epsilon')::double precision AS "epsilon",
    (r."spec"->>'steps')::integer AS "steps",
    (r."spec"->>'images')::integer AS "images",
    m."x" AS "t",
    max(m."value") FILTER (WHERE m."series" = 'clean_nll') AS "clean_nll",
    max(m."value") FILTER (WHERE m."series" = 'clean_error') AS "clean_error",
    max(m."value") FILTER (WHERE m."series" = 'robust_nll') AS "robust_nll",
    max(m."value") FILTER (WHERE m."series" = 'robust_error') AS "robust_error",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'attack' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", er."name", r."key", m."x";

COMMENT ON VIEW "v1_attacks" IS 'One row per experiment, curve, attack and t: the same images before and after the attack.';
COMMENT ON COLUMN "v1_attacks"."attack" IS 'The name that the experiment file gives it.';
COMMENT ON COLUMN "v1_attacks"."epsilon" IS 'Radius of the ball, in [0,1] pixel units.';
COMMENT ON COLUMN "v1_attacks"."images" IS 'How many test images were attacked.';
COMMENT ON COLUMN "v1_attacks"."t" IS 'Position on the fitted curve, 0 at the start and 1 at the end.';
COMMENT ON COLUMN "v1_attacks"."clean_nll" IS 'Mean cross-entropy over these images before the attack, nats.';
COMMENT ON COLUMN "v1_attacks"."clean_error" IS 'Misclassified share of these images before the attack, %.';
COMMENT ON COLUMN "v1_attacks"."robust_nll" IS 'Mean cross-entropy over the attacked images, nats.';
COMMENT ON COLUMN "v1_attacks"."robust_error" IS 'Misclassified share of the attacked images, %.';

CREATE VIEW "v1_spectra" AS
SELECT
    er."experiment",
    er."curve",
    (r."spec"->>'images')::integer AS "images",
    m."x" AS "t",
    max(m."value") FILTER (WHERE m."series" = 'eigenvalue_mean') AS "eigenvalue_mean",
    max(m."value") FILTER (WHERE m."series" = 'eigenvalue_median') AS "eigenvalue_median",
    max(m."value") FILTER (WHERE m."series" = 'eigenvalue_q90') AS "eigenvalue_q90",
    max(m."value") FILTER (WHERE m."series" = 'eigenvalue_max') AS "eigenvalue_max",
    max(m."value") FILTER (WHERE m."series" = 'lanczos_steps_max') AS "lanczos_steps_max",
    max(m."value") FILTER (WHERE m."series" = 'lanczos_residual_max') AS "lanczos_residual_max",
    max(m."value") FILTER (WHERE m."series" = 'lanczos_converged') AS "lanczos_converged",
    max(m."value") FILTER (WHERE m."series" = 'closed_form_difference_max') AS "closed_form_difference_max",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'spectrum' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

COMMENT ON VIEW "v1_spectra" IS 'One row per experiment, curve and t: the largest eigenvalue of the input Hessian of the cross-entropy, over images.';
COMMENT ON COLUMN "v1_spectra"."images" IS 'How many test images the statistics are over.';
COMMENT ON COLUMN "v1_spectra"."t" IS 'Position on the fitted curve, 0 at the start and 1 at the end.';
COMMENT ON COLUMN "v1_spectra"."eigenvalue_mean" IS 'Mean over images, 1/pixel^2.';
COMMENT ON COLUMN "v1_spectra"."lanczos_steps_max" IS 'Most Lanczos steps that one image took.';
COMMENT ON COLUMN "v1_spectra"."lanczos_residual_max" IS 'Largest ||Hv - lambda v|| / lambda over images.';
COMMENT ON COLUMN "v1_spectra"."lanczos_converged" IS 'Share of images whose residual met the tolerance.';
COMMENT ON COLUMN "v1_spectra"."closed_form_difference_max" IS 'Largest relative difference from the closed form over images.';

CREATE VIEW "v1_lineage" AS
WITH RECURSIVE "link" ("run", "role", "ancestor", "depth") AS (
    SELECT "run", "role", "input", 1 FROM "run_need"
    UNION
    SELECT link."run", need."role", need."input", link."depth" + 1
    FROM "link" link
    JOIN "run_need" need ON need."run" = link."ancestor"
)
SELECT
    er."experiment",
    er."name",
    r."kind",
    link."role",
    min(link."depth") AS "depth",
    ancestor_er."name" AS "ancestor_name",
    ancestor."kind" AS "ancestor_kind",
    ancestor."state" AS "ancestor_state",
    link."run",
    link."ancestor"
FROM "link" link
JOIN "run" r ON r."key" = link."run"
JOIN "run" ancestor ON ancestor."key" = link."ancestor"
JOIN "experiment_run" er ON er."run" = link."run"
JOIN "experiment_run" ancestor_er
    ON ancestor_er."run" = link."ancestor" AND ancestor_er."experiment" = er."experiment"
GROUP BY er."experiment", er."name", r."kind", link."role", ancestor_er."name", ancestor."kind",
    ancestor."state", link."run", link."ancestor";

COMMENT ON VIEW "v1_lineage" IS 'One row per run, ancestor and role: everything a run was computed from, back to both endpoints, finished or not.';
COMMENT ON COLUMN "v1_lineage"."name" IS 'The run''s name in this experiment.';
COMMENT ON COLUMN "v1_lineage"."role" IS 'What the ancestor is for the run that needs it directly: start, end, curve, evaluation, spectrum or attack:<name>.';
COMMENT ON COLUMN "v1_lineage"."depth" IS 'Links on the shortest way to the ancestor; 1 for what the run itself needs.';
