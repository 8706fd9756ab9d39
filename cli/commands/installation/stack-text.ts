/** The parts of the stack and where they answer, for a terminal. */
import type { StackStatus } from '../../../infra/local/index.js';
import { textTable } from '../../terminal/tables.js';

export function stackText({ parts, uiUrl }: StackStatus): string {
  const rows = parts.map(({ title, state, address, detail }) => [
    title,
    state,
    address ?? '',
    detail,
  ]);
  const table = textTable(['part', 'state', 'address', ''], rows, () => false);
  return uiUrl === undefined ? table : `${table}\n\nTemporal UI: ${uiUrl}`;
}
