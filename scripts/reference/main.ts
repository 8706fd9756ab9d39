/** Writes the generated pages of docs/reference/. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../../settings/paths.js';
import { referencePages } from './pages.js';

const folder = join(repositoryRoot, 'docs', 'reference');

await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(await referencePages())) {
  await writeFile(join(folder, name), text);
  console.log(`docs/reference/${name}`);
}
