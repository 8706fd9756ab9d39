-- CreateTable
CREATE TABLE "swept" (
    "blob" TEXT NOT NULL,
    "sweep" UUID NOT NULL,
    "open_until" TIMESTAMPTZ(3),
    "swept_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "swept_pkey" PRIMARY KEY ("blob")
);

-- CreateIndex
CREATE INDEX "swept_sweep_idx" ON "swept"("sweep");

-- CreateIndex
CREATE INDEX "swept_swept_at_idx" ON "swept"("swept_at");
