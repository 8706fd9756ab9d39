-- Spectra have a variable now: the view of the input Hessian shows its own runs only, as it always did.
CREATE OR REPLACE VIEW "v1_spectra" AS
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
    AND r."spec"->>'variable' = 'inputs'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

CREATE VIEW "v1_weight_spectra" AS
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
    r."key" AS "run"
FROM "experiment_run" er
JOIN "run" r ON r."key" = er."run" AND r."kind" = 'spectrum' AND r."state" = 'done'
    AND r."spec"->>'variable' = 'weights'
JOIN "metric" m ON m."run" = r."key"
GROUP BY er."experiment", er."curve", r."key", m."x";

COMMENT ON VIEW "v1_weight_spectra" IS 'One row per experiment, curve and t: the weight Hessian of the cross-entropy over a set of images, without weight decay.';
COMMENT ON COLUMN "v1_weight_spectra"."split" IS 'Which set the images are the first of: train or test.';
COMMENT ON COLUMN "v1_weight_spectra"."images" IS 'How many images the loss is over.';
COMMENT ON COLUMN "v1_weight_spectra"."reduction" IS 'mean: the loss is the mean over the images.';
COMMENT ON COLUMN "v1_weight_spectra"."t" IS 'Position on the fitted curve, 0 at the start and 1 at the end.';
COMMENT ON COLUMN "v1_weight_spectra"."largest" IS 'Largest eigenvalue, 1/weight^2.';
COMMENT ON COLUMN "v1_weight_spectra"."smallest" IS 'Smallest eigenvalue, 1/weight^2.';
COMMENT ON COLUMN "v1_weight_spectra"."trace" IS 'Hutchinson''s estimate of the trace, 1/weight^2; null where it was not asked for.';
COMMENT ON COLUMN "v1_weight_spectra"."trace_error" IS 'Standard error of that estimate.';
COMMENT ON COLUMN "v1_weight_spectra"."lanczos_steps" IS 'Lanczos steps that both ends took.';
COMMENT ON COLUMN "v1_weight_spectra"."residual_max" IS 'Largest ||Hv - lambda v|| over the eigenvalues asked for, relative to the largest |lambda|.';
COMMENT ON COLUMN "v1_weight_spectra"."converged" IS 'Share of them whose residual met the tolerance.';
