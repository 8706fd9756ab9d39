-- CreateTable
CREATE TABLE "checkpoint" (
    "run" TEXT NOT NULL,
    "step" DOUBLE PRECISION NOT NULL,
    "total" DOUBLE PRECISION NOT NULL,
    "epoch" INTEGER NOT NULL,
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "checkpoint_pkey" PRIMARY KEY ("run","step")
);

-- CreateIndex
CREATE INDEX "checkpoint_digest_idx" ON "checkpoint"("digest");

-- AddForeignKey
ALTER TABLE "checkpoint" ADD CONSTRAINT "checkpoint_run_fkey" FOREIGN KEY ("run") REFERENCES "run"("key") ON DELETE RESTRICT ON UPDATE CASCADE;
