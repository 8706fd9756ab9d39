/** Names of data sets that a person typed. */
import { distance } from 'fastest-levenshtein';
import { datasetNames, type DatasetName } from '../../../experiment/catalogue/datasets.js';
import { UserError } from '../../../experiment/errors.js';

/** Throws a `usage` UserError for a name that the catalogue does not have; `others` are known too, for advice. */
export function knownDataset(name: string, others: readonly string[] = []): DatasetName {
  const known = datasetNames.find((one) => one === name);
  if (known !== undefined) return known;
  const names = [...datasetNames, ...others];
  const near = names.find((one) => distance(one, name) <= 3);
  const told = near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`;
  throw new UserError('usage', `no data set is named "${name}"; ${told}`);
}
