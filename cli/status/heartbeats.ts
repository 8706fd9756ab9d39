/** Progress of the running runs: the last heartbeats of the pending activities of an experiment's batches. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { RunKey } from '../../experiment/records/runs.js';

const heartbeat = z.object({
  run: z.string(),
  step: z.number(),
  total: z.number(),
});

export interface RunStep {
  readonly step: number;
  readonly total: number;
}

export interface Work {
  readonly steps: ReadonlyMap<RunKey, RunStep>;
  /** Most activities that one workflow of the experiment has pending. */
  readonly pending: number;
}

/** Activities that have not reported yet are left out. */
export async function readWork(
  client: Client,
  { raw }: WorkflowExecutionDescription,
): Promise<Work> {
  const batches = await Promise.all(
    (raw.pendingChildren ?? []).map(({ workflowId }) => describeBatch(client, workflowId)),
  );
  const steps = new Map<RunKey, RunStep>();
  let pending = 0;
  for (const { pendingActivities } of batches) {
    pending = Math.max(pending, pendingActivities?.length ?? 0);
    for (const { heartbeatDetails } of pendingActivities ?? []) {
      const [payload] = heartbeatDetails?.payloads ?? [];
      if (!payload) continue;
      const parsed = heartbeat.safeParse(defaultPayloadConverter.fromPayload(payload));
      if (parsed.success) steps.set(parsed.data.run, parsed.data);
    }
  }
  return { steps, pending };
}

type Raw = WorkflowExecutionDescription['raw'];

/** One that has ended in the meantime has nothing pending. */
async function describeBatch(
  client: Client,
  workflowId: string | null | undefined,
): Promise<Pick<Raw, 'pendingActivities'>> {
  if (!workflowId) return {};
  return (await client.workflow.getHandle(workflowId).describe()).raw;
}
