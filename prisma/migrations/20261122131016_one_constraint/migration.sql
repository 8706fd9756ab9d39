-- DropIndex
DROP INDEX "experiment_signature_key";
