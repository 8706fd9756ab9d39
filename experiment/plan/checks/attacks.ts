/** Refuses attacks that the data set's classes or images leave no room for. */
import type { AttackConfig } from '../../config/attack.js';
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';

export interface Room {
  readonly classes: number;
  /** Values of one image. */
  readonly pixels: number;
}

export function checkAttacks({ attacks, dataset }: ExperimentConfig): void {
  const { classes, shape } = datasets[dataset];
  const pixels = shape.reduce((product, size) => product * size, 1);
  for (const [name, attack] of Object.entries(attacks)) {
    const mistake = attackMistake(attack, { classes, pixels });
    if (mistake === null) continue;
    const [field, reason] = mistake;
    throw new UserError('bad-input', `attacks.${name}.${field}: ${reason} (${dataset})`);
  }
}

/** The field and what is wrong with it; null: nothing. */
export function attackMistake(attack: AttackConfig, room: Room): readonly [string, string] | null {
  return classesMistake(attack, room.classes) ?? pixelsMistake(attack, room.pixels);
}

function classesMistake(attack: AttackConfig, classes: number): readonly [string, string] | null {
  const others = classes - 1;
  if ('target' in attack && attack.target) {
    const { class: one = 0, rank = 1 } = attack.target;
    if (one > others) return ['target.class', `there are classes 0 to ${others}`];
    if (rank > others) return ['target.rank', `there are ${others} other classes`];
  }
  if ('targets' in attack && attack.targets !== undefined && attack.targets > others) {
    return ['targets', `there are ${others} other classes`];
  }
  const needed = classesOfDlr(attack);
  if (classes >= needed) return null;
  const field = attack.method === 'autoattack' ? 'method' : 'loss';
  return [field, `the DLR loss needs at least ${needed} classes here, there are ${classes}`];
}

/** It divides by a difference of the largest and the third logit, or, towards a class, the third and fourth. */
function classesOfDlr(attack: AttackConfig): number {
  if (attack.method === 'autoattack') return 4;
  if (!('loss' in attack) || attack.loss !== 'dlr') return 2;
  const aimed = 'targets' in attack ? attack.targets : 'target' in attack && attack.target;
  return aimed ? 4 : 3;
}

function pixelsMistake(attack: AttackConfig, pixels: number): readonly [string, string] | null {
  if (!('pixels' in attack) || attack.pixels === undefined || attack.pixels <= pixels) return null;
  return ['pixels', `an image has ${pixels}`];
}
