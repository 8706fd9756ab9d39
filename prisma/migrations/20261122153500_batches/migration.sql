-- CreateEnum
CREATE TYPE "run_outcome" AS ENUM ('done', 'cached', 'failed', 'blocked', 'cancelled');

-- AlterTable
ALTER TABLE "attempt" ADD COLUMN     "experiment" TEXT;

-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "plan" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "experiment_run" ADD COLUMN     "batch" INTEGER,
ADD COLUMN     "counted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "outcome" "run_outcome",
ADD COLUMN     "waiting" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "holder" TEXT,
ADD COLUMN     "lease_until" TIMESTAMPTZ(3);

-- What follows is not in schema.prisma, which has no partial indexes: each holds only the rows that its question is about.

-- Which runs can start?
CREATE INDEX "experiment_run_ready" ON "experiment_run" ("experiment", "position")
WHERE "batch" IS NULL AND "outcome" IS NULL AND "waiting" = 0;

-- Does anything wait?
CREATE INDEX "experiment_run_untaken" ON "experiment_run" ("experiment")
WHERE "batch" IS NULL AND "outcome" IS NULL;

-- Which runs are in hand?
CREATE INDEX "experiment_run_in_hand" ON "experiment_run" ("experiment", "batch")
WHERE "batch" IS NOT NULL AND "outcome" IS NULL;

-- Which have ended since the question was asked last?
CREATE INDEX "experiment_run_uncounted" ON "experiment_run" ("experiment")
WHERE "outcome" IS NOT NULL AND NOT "counted";
