/** Refuses attacks that the data set's classes or images leave no room for. */
import { describeDataset, type DatasetSpec } from '../catalogue/own-dataset.js';
import { UserError } from '../errors.js';
import { attackMistake, type AttackConfig } from './index.js';

export function checkAttacks({
  attacks,
  dataset,
}: {
  readonly attacks: Readonly<Record<string, AttackConfig>>;
  readonly dataset: DatasetSpec;
}): void {
  const { name: datasetName, classes, shape } = describeDataset(dataset);
  const pixels = shape.reduce((product, size) => product * size, 1);
  for (const [name, attack] of Object.entries(attacks)) {
    const mistake = attackMistake(attack, { classes, pixels });
    if (mistake === null) continue;
    const [field, reason] = mistake;
    throw new UserError('bad-input', `attacks.${name}.${field}: ${reason} (${datasetName})`);
  }
}
