/** The mistake of a reference to what is not there, with the nearest name and a few of those that are. */
import { UserError } from '../errors.js';
import { nearestName } from '../nearest.js';
import { listed } from '../reading/shorten.js';

/** `where: no endpoint is named "Aa" (did you mean "A"? there are: A, B)`. */
export function unknownName(where: string, what: string, name: string, there: object): UserError {
  const known = Object.keys(there);
  const near = nearestName(name, known);
  const meant = near === null ? '' : `did you mean "${near}"? `;
  const names = listed(known) || 'none';
  return new UserError(
    'bad-input',
    `${where}: no ${what} is named "${name}" (${meant}there are: ${names})`,
  );
}
