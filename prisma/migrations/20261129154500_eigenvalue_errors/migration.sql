-- The error of each end of a weight spectrum, and how many of its values are sure of their place.
CREATE OR REPLACE VIEW "v1_weight_spectra" AS
SELECT
    er."experiment",
    er."curve",
    r."spec"->>'split' AS "split",
    (r."spec"->>'images')::integer AS "images",
    r."spec"->>'reduction' AS "reduction",
    m."x" AS "t",
    max(m."value") FILTER (WHERE m."series" = 'weight_eigenvalue_max') AS "largest",
    max(m."value") FILTER (WHERE m."series" = 'weight_eigenvalue_min') AS "smallest",
    max(m."value") FILTER (WHERE m."series" = 'weight_trace') AS "trace",
    max(m."value") FILTER (WHERE m."series" = 'weight_trace_error') AS "trace_error",
    max(m."value") FILTER (WHERE m."series" = 'weight_lanczos_steps') AS "lanczos_steps",
    max(m."value") FILTER (WHERE m."series" = 'weight_residual_max') AS "residual_max",
    max(m."value") FILTER (WHERE m."series" = 'weight_converged') AS "converged",
    r."key" AS "run",
    max(m."value") FILTER (WHERE m."series" = 'weight_eigenvalue_max_error') AS "largest_error",
    max(m."value") FILTER (WHERE m."series" = 'weight_eigenvalue_min_error') AS "smallest_error",
    max(m."value") FILTER (WHERE m."series" = 'weight_settled') AS "settled"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'spectrum' AND r."state" = 'done'
    AND r."spec"->>'variable' = 'weights'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

COMMENT ON COLUMN "v1_weight_spectra"."converged" IS 'Share of the eigenvalues asked for whose residual met the tolerance, each relative to its own |lambda|.';
COMMENT ON COLUMN "v1_weight_spectra"."largest_error" IS 'Bound of the error of largest, ||Hv - lambda v||: an eigenvalue lies within it.';
COMMENT ON COLUMN "v1_weight_spectra"."smallest_error" IS 'Bound of the error of smallest, ||Hv - lambda v||: an eigenvalue lies within it.';
COMMENT ON COLUMN "v1_weight_spectra"."settled" IS 'Share of the eigenvalues asked for that have converged and are sure of their place: no copy of one further out can be missing.';
