-- AlterTable
ALTER TABLE "experiment" ADD COLUMN     "opened_by" TEXT;
