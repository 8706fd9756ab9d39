/** Whether an endpoint that is killed and resumed from its checkpoint ends with the bytes of one that was not. */
import { parseExperiment } from '../../../experiment/file/document.js';
import { planExperiment } from '../../../experiment/plan/plan.js';
import type { CheckpointRef } from '../../../experiment/records/records.js';
import type { PlannedRun } from '../../../experiment/records/runs.js';
import type { Device } from '../../../settings/settings.js';
import { sha256 } from '../../../stores/sha256.js';
import type { BenchModel } from '../../request.js';
import type { ProofContext } from '../context.js';
import { attempt } from '../engine.js';
import type { Tell } from '../findings.js';

/** Some seconds of training: long enough to be killed on the way. */
const steps: Readonly<Record<Device, Readonly<Record<BenchModel, number>>>> = {
  gpu: { 'cnn-small': 4000, preresnet26: 600, vgg16: 600 },
  cpu: { 'cnn-small': 320, preresnet26: 24, vgg16: 12 },
};

export async function resume(context: ProofContext, tell: Tell): Promise<void> {
  for (const model of context.models) {
    const problems = await killAndResume(context, model, tell);
    for (const problem of problems) tell({ problem: `${model}: ${problem}` });
  }
}

/** Each problem that came up. */
async function killAndResume(
  context: ProofContext,
  model: BenchModel,
  tell: Tell,
): Promise<readonly string[]> {
  const total = steps[context.device][model];
  const job = { run: endpointRun(model, total), epoch: 1, inputs: [] };
  const policy = { everySteps: Math.ceil(total / 8), everySeconds: 3600 };
  const whole = await attempt(context, job, null);
  if (whole.failure !== null) return [whole.failure];
  const from = (saved: readonly CheckpointRef[]) => ({ ...job, checkpointing: { policy, saved } });
  const killed = await attempt(context, from([]), total / 2);
  if (killed.killedAt === null) return [killed.failure ?? 'it was over before it was killed'];
  const resumed = await attempt(context, from(killed.checkpoints.slice(0, 2)), null);
  const [expected, found] = [whole, resumed].map(({ outputs }) => outputs?.['weights']?.digest);
  tell({
    table: 'resume',
    row: {
      ...{ model, steps: total, 'killed at': killed.killedAt, 'resumed at': resumed.resumedAt },
      ...{ 'without a stop': expected ?? null, resumed: found ?? null, equal: expected === found },
    },
  });
  if (resumed.failure !== null) return [resumed.failure];
  return [
    ...(resumed.resumedAt === 0 ? ['it began again, without a checkpoint'] : []),
    ...(expected === found ? [] : ['it ended with other weights']),
  ];
}

function endpointRun(model: BenchModel, total: number): PlannedRun {
  const experiment = {
    ...{ name: 'proof', dataset: 'shapes32', model },
    endpoints: { A: { seed: 1, steps: total, batchSize: 128, learningRate: 0.01 } },
  };
  // JSON is YAML.
  const config = parseExperiment(JSON.stringify(experiment), 'proof.yaml');
  return planExperiment(config, sha256).runs.find(({ name }) => name === 'endpoint/A')!;
}
