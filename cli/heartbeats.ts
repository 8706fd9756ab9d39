/** How far each running run is: the last heartbeat of its activity, as Temporal keeps it. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { RunKey } from '../experiment/runs.js';

const heartbeat = z.object({
  run: z.string(),
  step: z.number(),
  total: z.number(),
});

export interface RunStep {
  readonly step: number;
  readonly total: number;
}

/** Activities that have not reported yet are left out. */
export function runSteps({ raw }: WorkflowExecutionDescription): ReadonlyMap<RunKey, RunStep> {
  const steps = new Map<RunKey, RunStep>();
  for (const { heartbeatDetails } of raw.pendingActivities ?? []) {
    const [payload] = heartbeatDetails?.payloads ?? [];
    if (!payload) continue;
    const parsed = heartbeat.safeParse(defaultPayloadConverter.fromPayload(payload));
    if (parsed.success) steps.set(parsed.data.run, parsed.data);
  }
  return steps;
}
