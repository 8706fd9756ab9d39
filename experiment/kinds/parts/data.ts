/** Resolves bonafide and poisoned data for specifications of runs. */
import { describeDataset } from '../../catalogue/own-dataset.js';
import type { BaseConfig } from '../../config/base.js';
import type { BonafideSet, MeasuredBackdoor, TestCut, TrainingData } from '../../specs/data.js';
import { sortedEntries } from './sorted.js';

/** Training data that an endpoint or a curve asks for. */
export interface TrainedOn {
  readonly backdoor?: string | undefined;
  readonly bonafide?: number | undefined;
  readonly images?: number | undefined;
}

type WithCut = Pick<BaseConfig, 'dataset' | 'bonafide'>;

/** Null without bonafide data: the test set is whole. */
export function testCut({ dataset, bonafide }: WithCut): TestCut | null {
  if (bonafide === undefined) return null;
  const { seed, pool = Math.floor(describeDataset(dataset).test / 2) } = bonafide;
  return { seed, pool };
}

/** As a part of a specification: what is absent is not in the key. */
export function cutFields(config: WithCut): { readonly cut?: TestCut } {
  const cut = testCut(config);
  return cut === null ? {} : { cut };
}

/** Number of test images that are measured on. */
export function testImages(config: WithCut): number {
  return describeDataset(config.dataset).test - (testCut(config)?.pool ?? 0);
}

/** Null where it is not fitted to bonafide images. */
export function bonafideSet(
  config: BaseConfig,
  { bonafide: images }: TrainedOn,
): BonafideSet | null {
  const cut = testCut(config);
  if (images === undefined || cut === null) return null;
  return { ...cut, images, validation: config.bonafide!.validation };
}

/** As a part of a specification: what is absent is not in the key. */
export function trainingData(config: BaseConfig, on: TrainedOn): { readonly data?: TrainingData } {
  const bonafide = bonafideSet(config, on);
  if (bonafide) return { data: { bonafide } };
  if (on.images !== undefined) return { data: { first: on.images } };
  if (on.backdoor === undefined) return {};
  const { trigger, target, fraction, seed } = config.backdoors![on.backdoor]!;
  return { data: { poisoned: { trigger, target, fraction, seed } } };
}

/** The training data for people: ` on 2500 bonafide images`, or nothing. */
export function dataLabel({ backdoor, bonafide, images }: TrainedOn): string {
  if (images !== undefined) return ` on the first ${images} images`;
  if (bonafide !== undefined) return ` on ${bonafide} bonafide images`;
  return backdoor === undefined ? '' : ` with backdoor ${backdoor}`;
}

/** Every backdoor of the file is measured along every path. */
export function measuredBackdoors({ backdoors = {} }: BaseConfig): {
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
