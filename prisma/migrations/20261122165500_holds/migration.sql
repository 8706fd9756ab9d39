-- AlterTable
ALTER TABLE "experiment_run" ADD COLUMN     "held" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "run" ADD COLUMN     "version" INTEGER;
