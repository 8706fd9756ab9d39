-- What a spectrum says of the loss around the images, beside its eigenvalues.
CREATE VIEW "v1_gradients" AS
SELECT
    er."experiment",
    er."curve",
    (r."spec"->>'images')::integer AS "images",
    (r."spec"->'prediction'->>'epsilon')::double precision AS "epsilon",
    m."x" AS "t",
    max(m."value") FILTER (WHERE m."series" = 'gradient_l1_mean') AS "gradient_l1_mean",
    max(m."value") FILTER (WHERE m."series" = 'gradient_l2_mean') AS "gradient_l2_mean",
    max(m."value") FILTER (WHERE m."series" = 'alignment_mean') AS "alignment_mean",
    max(m."value") FILTER (WHERE m."series" = 'first_order_nll_mean') AS "first_order_nll_mean",
    max(m."value") FILTER (WHERE m."series" = 'second_order_nll_mean') AS "second_order_nll_mean",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'spectrum' AND r."state" = 'done'
    AND r."spec"->>'variable' = 'inputs' AND (r."spec" ? 'gradients' OR r."spec" ? 'prediction')
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

COMMENT ON VIEW "v1_gradients" IS 'One row per experiment, curve and t: the gradient of the cross-entropy in the pixels, and the loss that it and the Hessian predict.';
COMMENT ON COLUMN "v1_gradients"."epsilon" IS 'Of the predictions, in [0,1] pixel units; null where none were asked for.';
COMMENT ON COLUMN "v1_gradients"."gradient_l1_mean" IS 'Mean over images of ||g||_1, nats/pixel.';
COMMENT ON COLUMN "v1_gradients"."gradient_l2_mean" IS 'Mean over images of ||g||_2, nats/pixel.';
COMMENT ON COLUMN "v1_gradients"."alignment_mean" IS 'Mean over images of |<g, v>| / ||g||_2 with the top eigenvector v of the input Hessian.';
COMMENT ON COLUMN "v1_gradients"."first_order_nll_mean" IS 'Mean over images of l + epsilon ||g||_1, nats.';
COMMENT ON COLUMN "v1_gradients"."second_order_nll_mean" IS 'Mean over images of l + epsilon ||g||_1 + epsilon^2 s^T H s / 2 with s = sign(g), nats.';

-- A series of two axes is stored as one series for each place where the attack was crafted, named after it.
CREATE VIEW "v1_transfers" AS
SELECT
    er."experiment",
    er."curve",
    (r."spec"->>'images')::integer AS "images",
    split_part(m."series", '@', 2)::double precision AS "crafted_t",
    m."x" AS "tried_t",
    max(m."value") FILTER (WHERE m."series" LIKE 'transfer\_error@%') AS "error",
    max(m."value") FILTER (WHERE m."series" LIKE 'transfer\_nll@%') AS "nll",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'transfer' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", split_part(m."series", '@', 2), m."x";

COMMENT ON VIEW "v1_transfers" IS 'One row per experiment, curve, and two places on it: images attacked at the one, classified at the other.';
COMMENT ON COLUMN "v1_transfers"."crafted_t" IS 'Where on the fitted curve the attack was crafted.';
COMMENT ON COLUMN "v1_transfers"."tried_t" IS 'Where its images were classified.';
COMMENT ON COLUMN "v1_transfers"."error" IS 'Misclassified share of these images, %.';
COMMENT ON COLUMN "v1_transfers"."nll" IS 'Mean cross-entropy over these images, nats.';

CREATE VIEW "v1_ensembles" AS
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
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'ensemble' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key";

COMMENT ON VIEW "v1_ensembles" IS 'One row per experiment and curve: the networks at several t as one, by their mean output.';
COMMENT ON COLUMN "v1_ensembles"."error" IS 'Misclassified share of the images by the common output, %.';
COMMENT ON COLUMN "v1_ensembles"."disagreement" IS 'Mean over pairs of members of the share of images whose classes differ, %.';
COMMENT ON COLUMN "v1_ensembles"."robust_error" IS 'The error after an attack on the common output, %; null where none was asked for.';
COMMENT ON COLUMN "v1_ensembles"."member_error_mean" IS 'Mean error of its members, %.';
COMMENT ON COLUMN "v1_ensembles"."transfer_error_mean" IS 'Mean over members of the error of the common output after an attack on that member alone, %.';

-- Names of attacks may have dots, so statistics are read from their end.
CREATE VIEW "v1_barriers" AS
SELECT
    er."experiment",
    er."curve",
    r."spec"->>'path' AS "path",
    name.part[1] AS "attack",
    name.part[2] AS "series",
    max(m."value") FILTER (WHERE name.part[3] = 'barrier') AS "barrier",
    max(m."value") FILTER (WHERE name.part[3] = 'barrier_at') AS "barrier_at",
    max(m."value") FILTER (WHERE name.part[3] = 'barrier_over_mean') AS "barrier_over_mean",
    max(m."value") FILTER (WHERE name.part[3] = 'barrier_over_mean_at') AS "barrier_over_mean_at",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'summary' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
CROSS JOIN LATERAL (
    SELECT regexp_match(m."series", '^(?:(.+)\.)?([^.]+)\.(barrier|barrier_at|barrier_over_mean|barrier_over_mean_at)$') AS part
) name
WHERE name.part IS NOT NULL
GROUP BY er."experiment", er."curve", r."spec"->>'path', name.part[1], name.part[2], r."key";

COMMENT ON VIEW "v1_barriers" IS 'One row per experiment, curve, path, attack and series: how far it rises above its ends.';
COMMENT ON COLUMN "v1_barriers"."attack" IS 'The name that the experiment file gives it; null for the clean evaluation.';
COMMENT ON COLUMN "v1_barriers"."barrier" IS 'Largest rise above the straight line between the values of the ends, in the unit of the series.';
COMMENT ON COLUMN "v1_barriers"."barrier_at" IS 'The t of it.';
COMMENT ON COLUMN "v1_barriers"."barrier_over_mean" IS 'Largest value less the mean of the ends.';
COMMENT ON COLUMN "v1_barriers"."barrier_over_mean_at" IS 'The t of it.';

CREATE VIEW "v1_correlations" AS
SELECT
    er."experiment",
    er."curve",
    name.part[1] AS "attack",
    name.part[2] AS "correlation",
    name.part[3] AS "predictor",
    max(m."value") FILTER (WHERE name.part[4] IS NULL) AS "value",
    max(m."value") FILTER (WHERE name.part[4] = 'low') AS "low",
    max(m."value") FILTER (WHERE name.part[4] = 'high') AS "high",
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'summary' AND r."state" = 'done'
JOIN "metric" m ON m."run" = r."key"
CROSS JOIN LATERAL (
    SELECT regexp_match(m."series", '^(.+)\.(pearson|spearman|partial)\.([^.]+?)(?:\.(low|high))?$') AS part
) name
WHERE name.part IS NOT NULL
GROUP BY er."experiment", er."curve", name.part[1], name.part[2], name.part[3], r."key";

COMMENT ON VIEW "v1_correlations" IS 'One row per experiment, curve, attack, correlation and predictor: how robust_nll goes along t with what the spectrum measured.';
COMMENT ON COLUMN "v1_correlations"."correlation" IS 'pearson, spearman, or partial: Pearson once gradient_l1_mean is taken out of both.';
COMMENT ON COLUMN "v1_correlations"."low" IS 'Lower end of the 95 % percentile interval by bootstrap over t.';
COMMENT ON COLUMN "v1_correlations"."high" IS 'Upper end of it.';
