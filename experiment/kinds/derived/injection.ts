/** Fault sneaking: one tensor of a trained endpoint is changed until some images are misclassified. */
import { injectionSeries } from '../../catalogue/series/training.js';
import type { BaseConfig } from '../../config/base.js';
import type { TestCut } from '../../specs/data.js';
import type { Shared } from '../../specs/fields.js';
import { runName } from '../../specs/run-name.js';
import { checkImages } from '../checks/measurement.js';
import { checkTensors } from '../checks/tensors.js';
import type { Draft } from '../draft.js';
import type { Kind, NoSections } from '../kind.js';
import { cutFields } from '../parts/data.js';
import { imagesText } from '../parts/images-text.js';
import { endpointNeed } from '../parts/network-needs.js';

export interface InjectionSpec extends Shared {
  readonly kind: 'injection';
  readonly tensor: string;
  readonly images: number;
  readonly wrong: number;
  readonly weight: number;
  readonly margin: number;
  readonly stepSize: number;
  readonly maxSteps: number;
  readonly stealth: number;
  /** Targets are drawn from all classes; absent: from the others. */
  readonly compat?: 'published';
  /** The images are those of the evaluation half; absent: of the whole test set. */
  readonly cut?: TestCut;
}

function draft(config: BaseConfig, name: string): Draft<InjectionSpec> | null {
  const { from, inject } = config.endpoints[name]!;
  if (inject === undefined) return null;
  const { dataset, model, injections = {} } = config;
  const { wrong, images } = injections[inject]!;
  return {
    name: runName('endpoint', name),
    summary: `inject ${wrong} faults among ${images} images into ${from!} as ${name}`,
    needs: [endpointNeed('from', from!)],
    spec: { kind: 'injection', dataset, model, ...injections[inject]!, ...cutFields(config) },
  };
}

export const injection: Kind<InjectionSpec, NoSections, 'engine', typeof injectionSeries> = {
  name: 'injection',
  version: 2,
  computedBy: 'engine',
  activity: 'injectFaults',
  precision: 'float32',
  sections: {},
  series: injectionSeries,
  prefixes: ['endpoint'],
  plan: { endpoint: draft },
  check(config) {
    checkTensors(config);
    for (const [name, { images }] of Object.entries(config.injections ?? {})) {
      checkImages(config, `injections.${name}`, { images });
    }
  },
  isChangedBy: () => false,
  work: ({ cut, maxSteps }) => ({ variant: [imagesText(cut)], amount: maxSteps }),
};
