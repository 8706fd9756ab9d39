-- CreateEnum
CREATE TYPE "experiment_state" AS ENUM ('running', 'done', 'failed', 'cancelled', 'interrupted');

-- CreateEnum
CREATE TYPE "run_state" AS ENUM ('queued', 'running', 'done', 'failed', 'blocked', 'interrupted', 'cancelled');

-- CreateEnum
CREATE TYPE "attempt_outcome" AS ENUM ('done', 'failed', 'interrupted', 'cancelled', 'superseded');

-- CreateTable
CREATE TABLE "experiment" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "signature" TEXT NOT NULL,
    "config" JSONB NOT NULL,
    "state" "experiment_state" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "experiment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "experiment_run" (
    "experiment" TEXT NOT NULL,
    "run" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "curve" TEXT,
    "summary" TEXT NOT NULL,

    CONSTRAINT "experiment_run_pkey" PRIMARY KEY ("experiment","run")
);

-- CreateTable
CREATE TABLE "run" (
    "key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "queue" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "state" "run_state" NOT NULL DEFAULT 'queued',
    "epoch" INTEGER NOT NULL DEFAULT 0,
    "failure_type" TEXT,
    "failure_message" TEXT,
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "run_need" (
    "run" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "position" INTEGER NOT NULL,
    "input" TEXT NOT NULL,

    CONSTRAINT "run_need_pkey" PRIMARY KEY ("run","role")
);

-- CreateTable
CREATE TABLE "attempt" (
    "run" TEXT NOT NULL,
    "epoch" INTEGER NOT NULL,
    "worker" TEXT NOT NULL,
    "environment" JSONB,
    "outcome" "attempt_outcome",
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "attempt_pkey" PRIMARY KEY ("run","epoch")
);

-- CreateTable
CREATE TABLE "artifact" (
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "artifact_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "run_output" (
    "run" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "run_output_pkey" PRIMARY KEY ("run","name")
);

-- CreateTable
CREATE TABLE "run_input" (
    "run" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "digest" TEXT NOT NULL,

    CONSTRAINT "run_input_pkey" PRIMARY KEY ("run","role","name")
);

-- CreateTable
CREATE TABLE "metric" (
    "run" TEXT NOT NULL,
    "series" TEXT NOT NULL,
    "x" DOUBLE PRECISION NOT NULL,
    "value" DOUBLE PRECISION NOT NULL,
    "epoch" INTEGER NOT NULL,

    CONSTRAINT "metric_pkey" PRIMARY KEY ("run","series","x")
);

-- CreateTable
CREATE TABLE "event" (
    "id" BIGSERIAL NOT NULL,
    "experiment" TEXT,
    "run" TEXT,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "experiment_signature_key" ON "experiment"("signature");

-- CreateIndex
CREATE INDEX "experiment_run_run_idx" ON "experiment_run"("run");

-- CreateIndex
CREATE UNIQUE INDEX "experiment_run_experiment_name_key" ON "experiment_run"("experiment", "name");

-- CreateIndex
CREATE UNIQUE INDEX "experiment_run_experiment_position_key" ON "experiment_run"("experiment", "position");

-- CreateIndex
CREATE INDEX "run_state_idx" ON "run"("state");

-- CreateIndex
CREATE INDEX "run_need_input_idx" ON "run_need"("input");

-- CreateIndex
CREATE INDEX "run_output_digest_idx" ON "run_output"("digest");

-- CreateIndex
CREATE INDEX "run_input_digest_idx" ON "run_input"("digest");

-- CreateIndex
CREATE INDEX "event_experiment_id_idx" ON "event"("experiment", "id");

-- CreateIndex
CREATE INDEX "event_run_id_idx" ON "event"("run", "id");

-- AddForeignKey
ALTER TABLE "experiment_run" ADD CONSTRAINT "experiment_run_experiment_fkey" FOREIGN KEY ("experiment") REFERENCES "experiment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "experiment_run" ADD CONSTRAINT "experiment_run_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_need" ADD CONSTRAINT "run_need_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_need" ADD CONSTRAINT "run_need_input_fkey" FOREIGN KEY ("input") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attempt" ADD CONSTRAINT "attempt_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_output" ADD CONSTRAINT "run_output_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_output" ADD CONSTRAINT "run_output_digest_fkey" FOREIGN KEY ("digest") REFERENCES "artifact"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_input" ADD CONSTRAINT "run_input_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_input" ADD CONSTRAINT "run_input_digest_fkey" FOREIGN KEY ("digest") REFERENCES "artifact"("digest") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "metric" ADD CONSTRAINT "metric_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;
