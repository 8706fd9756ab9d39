/** A connection to Temporal for one command, closed at its end. */
import {
  Client,
  Connection,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { UserError } from '../../experiment/errors.js';
import { experimentWorkflowId } from '../../experiment/records/temporal-names.js';
import { clientOptions } from '../../settings/connections/temporal-client.js';
import type { TemporalSettings } from '../../settings/settings.js';

const connectTimeoutMs = 3000;

export async function withTemporal<T>(
  settings: TemporalSettings,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const connection = await connect(settings);
  try {
    return await work(new Client({ connection, namespace: settings.namespace }));
  } finally {
    await connection.close();
  }
}

async function connect(settings: TemporalSettings): Promise<Connection> {
  try {
    const options = clientOptions(settings);
    return await Connection.connect({ ...options, connectTimeout: connectTimeoutMs });
  } catch (cause) {
    throw new UserError('dependency-down', `Temporal does not answer at ${settings.address}`, {
      cause,
      hint: './isthmus up starts the local one; TEMPORAL_ADDRESS names another',
    });
  }
}

export type WorkflowStatus =
  'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED' | 'TERMINATED' | 'TIMED_OUT' | 'OTHER';

const known: readonly string[] = [
  ...['RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'],
];

/** Null where Temporal knows no workflow of this experiment: never started here, or past retention. */
export async function workflowStatus(
  client: Client,
  experiment: string,
): Promise<WorkflowStatus | null> {
  return (await describeWorkflow(client, experiment))?.status ?? null;
}

export interface DescribedWorkflow {
  readonly status: WorkflowStatus;
  readonly description: WorkflowExecutionDescription;
}

export async function describeWorkflow(
  client: Client,
  experiment: string,
): Promise<DescribedWorkflow | null> {
  try {
    const description = await experimentHandle(client, experiment).describe();
    const { name } = description.status;
    return { status: known.includes(name) ? (name as WorkflowStatus) : 'OTHER', description };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

export function experimentHandle(client: Client, experiment: string): WorkflowHandle {
  return client.workflow.getHandle(experimentWorkflowId(experiment));
}

/** Address of the experiment's page in Temporal's own user interface. */
export function uiAddress({ uiUrl, namespace }: TemporalSettings, experiment: string): string {
  const id = encodeURIComponent(experimentWorkflowId(experiment));
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows/${id}`;
}
