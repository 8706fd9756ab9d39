/** Jobs for fake engines, whose behaviour is the run's name. */
import type { EngineListener } from '../../activities/engines.js';
import type { ModelName } from '../../experiment/catalogue/models/index.js';
import type { EngineJob, MetricRow } from '../../experiment/records/records.js';

export function jobNamed(name: string, model: ModelName = 'cnn-small'): EngineJob {
  const recipe = { epochs: 1, batchSize: 1, learningRate: 0.1, momentum: 0, weightDecay: 0 };
  const dataset = model === 'cnn-small' ? 'mnist' : 'cifar10';
  const spec = { kind: 'endpoint', dataset, model, seed: 1 } as const;
  return {
    run: {
      key: 'a'.repeat(64),
      name,
      queue: 'gpu',
      curve: null,
      summary: name,
      needs: [],
      spec: { ...spec, recipe, adversarial: null },
    },
    epoch: 1,
    inputs: [],
  };
}

export interface Heard extends EngineListener {
  readonly rows: MetricRow[];
  readonly phases: string[];
  /** Resolves at the first progress. */
  readonly started: Promise<void>;
}

export function listener(): Heard {
  const rows: MetricRow[] = [];
  const phases: string[] = [];
  let start: () => void;
  const started = new Promise<void>((resolve) => (start = resolve));
  return {
    rows,
    phases,
    started,
    metrics: (more) => void rows.push(...more),
    progress(_step, _total, phase) {
      phases.push(phase);
      start();
    },
  };
}
