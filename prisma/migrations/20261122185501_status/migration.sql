-- CreateIndex
CREATE INDEX "experiment_name_idx" ON "experiment"("name");

-- CreateIndex
CREATE INDEX "run_kind_finished_at_idx" ON "run"("kind", "finished_at");
