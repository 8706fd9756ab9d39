/** The runs that look at several places of a path at once: transfer of attacks, and the ensemble. */
import type { ExperimentConfig } from '../../config/experiment.js';
import type { EnsembleSpec, PathSpec, TransferSpec } from '../../records/measurements.js';
import type { Need, PlannedRun } from '../../records/runs.js';
import { craftedAttack } from '../../attacks/crafted-attack.js';
import { datasets } from '../../catalogue/datasets.js';
import { grid } from './grid.js';
import type { Make } from './make.js';

type Along = (t: readonly number[]) => PathSpec & Pick<TransferSpec, 'dataset' | 'model'>;

export function jointRuns(
  config: ExperimentConfig,
  curve: string,
  needs: readonly Need[],
  make: Make,
  along: Along,
): PlannedRun[] {
  const run = (spec: TransferSpec | EnsembleSpec, summary: string): PlannedRun =>
    make({ name: `${spec.kind}/${curve}`, queue: 'gpu', summary, needs, spec });
  const runs: PlannedRun[] = [];
  const { transfer } = config;
  if (transfer) {
    const spec = transferSpec(config, transfer, along);
    const { attack, points } = transfer;
    runs.push(run(spec, `transfer of ${attack} between ${points} points of ${curve}`));
  }
  if (config.ensemble) {
    const spec = ensembleSpec(config, config.ensemble, along);
    runs.push(run(spec, `ensemble of ${spec.t.length} networks on ${curve}`));
  }
  return runs;
}

function transferSpec(
  config: ExperimentConfig,
  { attack, points, images }: NonNullable<ExperimentConfig['transfer']>,
  along: Along,
): TransferSpec {
  const named = config.attacks[attack]!;
  return {
    ...{
      kind: 'transfer',
      attack: craftedAttack(named, datasets[config.dataset]),
      images: images ?? named.images,
    },
    ...along(grid(points)),
  };
}

/** Members, if neither they nor their number are given. */
const usualMembers = 11;

function ensembleSpec(
  config: ExperimentConfig,
  {
    members,
    points,
    attack,
    images,
    compat,
    randomMember,
  }: NonNullable<ExperimentConfig['ensemble']>,
  along: Along,
): EnsembleSpec {
  return {
    ...{ kind: 'ensemble', images, ...along(members ?? grid(points ?? usualMembers)) },
    ...(attack === undefined
      ? {}
      : { attack: craftedAttack(config.attacks[attack]!, datasets[config.dataset]) }),
    ...(compat === 'published' ? { combination: compat } : {}),
    ...(randomMember ? { randomMember } : {}),
  };
}
