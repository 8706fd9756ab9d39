/** Of what a file says about bonafide data and backdoors, what runs need to know. */
import type { ExperimentConfig } from '../../config/experiment.js';
import type { BonafideSet, MeasuredBackdoor, TestCut, TrainingData } from '../../records/data.js';
import { datasets } from '../../catalogue/datasets.js';
import { sortedEntries } from '../sorted.js';

/** Of an endpoint or a curve. */
export interface TrainedOn {
  readonly backdoor?: string | undefined;
  readonly bonafide?: number | undefined;
}

type WithCut = Pick<ExperimentConfig, 'dataset' | 'bonafide'>;

/** Null without bonafide data: the test set is whole. */
export function testCut({ dataset, bonafide }: WithCut): TestCut | null {
  if (bonafide === undefined) return null;
  const { seed, pool = Math.floor(datasets[dataset].test / 2) } = bonafide;
  return { seed, pool };
}

/** How many test images are measured on. */
export function testImages(config: WithCut): number {
  return datasets[config.dataset].test - (testCut(config)?.pool ?? 0);
}

/** Null where it is not fitted to bonafide images. */
export function bonafideSet(
  config: ExperimentConfig,
  { bonafide: images }: TrainedOn,
): BonafideSet | null {
  const cut = testCut(config);
  if (images === undefined || cut === null) return null;
  return { ...cut, images, validation: config.bonafide!.validation };
}

/** As a part of a specification: what is absent is not in the key. */
export function trainingData(
  config: ExperimentConfig,
  on: TrainedOn,
): { readonly data?: TrainingData } {
  const bonafide = bonafideSet(config, on);
  if (bonafide) return { data: { bonafide } };
  if (on.backdoor === undefined) return {};
  const { trigger, target, fraction, seed } = config.backdoors![on.backdoor]!;
  return { data: { poisoned: { trigger, target, fraction, seed } } };
}

/** How a training is told to people: ` on 2500 bonafide images`, or nothing. */
export function dataLabel({ backdoor, bonafide }: TrainedOn): string {
  if (bonafide !== undefined) return ` on ${bonafide} bonafide images`;
  return backdoor === undefined ? '' : ` with backdoor ${backdoor}`;
}

/** Every backdoor of the file is measured along every path. */
export function measuredBackdoors({ backdoors = {} }: ExperimentConfig): {
  readonly backdoors?: readonly MeasuredBackdoor[];
} {
  const entries = sortedEntries(backdoors);
  if (entries.length === 0) return {};
  return {
    backdoors: entries.map(([name, { trigger, target, compat }]) => ({
      series: entries.length === 1 ? 'attack_success' : `attack_success:${name}`,
      trigger,
      target,
      ...(compat === undefined ? {} : { compat }),
    })),
  };
}
