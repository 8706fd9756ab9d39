/** Opens the libraries that it is given one after the other, and tells of each before and after: one may crash it. */
import type { LoadedLibrary } from './records.js';
import { loadLibrary } from './libraries.js';

for (const name of process.argv.slice(2)) {
  const told: LoadedLibrary = { name, error: 'it ends the process that loads it' };
  await tell(told);
  await tell({ name, error: loadLibrary(name) });
}
process.disconnect();

function tell(library: LoadedLibrary): Promise<void> {
  return new Promise((resolve) => process.send!(library, undefined, {}, () => resolve()));
}
