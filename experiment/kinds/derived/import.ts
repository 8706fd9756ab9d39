/** Endpoints that were trained elsewhere. */
import { importSeries } from '../../catalogue/series/training.js';
import type { BaseConfig } from '../../config/base.js';
import type { ImportedWeights } from '../../config/imported.js';
import type { TestCut } from '../../specs/data.js';
import type { Shared } from '../../specs/fields.js';
import { runName } from '../../specs/run-name.js';
import type { Draft } from '../draft.js';
import type { Kind, NoSections } from '../kind.js';
import { cutFields } from '../parts/data.js';

export interface ImportSpec extends Shared {
  readonly kind: 'import';
  /** In the layout of stored networks. */
  readonly weights: Pick<ImportedWeights, 'digest' | 'bytes'>;
  /** Scored on the evaluation half; absent: on the whole test set. */
  readonly cut?: TestCut;
}

function draft(config: BaseConfig, name: string): Draft<ImportSpec> | null {
  const { import: imported } = config.endpoints[name]!;
  if (imported === undefined) return null;
  const { dataset, model } = config;
  const { digest, bytes } = imported;
  return {
    name: runName('endpoint', name),
    summary: `import ${name} from ${imported.name}`,
    needs: [],
    spec: {
      ...{ kind: 'import', dataset, model, seed: 0, weights: { digest, bytes } },
      ...cutFields(config),
    },
  };
}

export const imported: Kind<ImportSpec, NoSections, 'engine', typeof importSeries> = {
  name: 'import',
  version: 1,
  computedBy: 'engine',
  activity: 'importNetwork',
  precision: 'float32',
  sections: {},
  series: importSeries,
  prefixes: ['endpoint'],
  plan: { endpoint: draft },
  check: null,
  isChangedBy: () => false,
  work: () => ({ variant: [], amount: 1 }),
};
