/** The mistake of a reference to what is not there, with the nearest name and a few of those that are. */
import { UserError } from '../../errors.js';
import { nearestName } from '../../reading/nearest.js';
import { listed, mostListed } from '../../reading/shorten.js';

/** `where: no endpoint is named "toString" (there are: A, B)`; of many the nearest name, and a few. */
export function unknownName(where: string, what: string, name: string, there: object): UserError {
  const known = Object.keys(there);
  // Of few names the nearest is seen.
  const near = known.length > mostListed ? nearestName(name, known) : null;
  const meant = near === null ? '' : `did you mean "${near}"? `;
  const names = listed(known) || 'none';
  return new UserError(
    'bad-input',
    `${where}: no ${what} is named "${name}" (${meant}there are: ${names})`,
  );
}
