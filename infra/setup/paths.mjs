/** The folders set-up reads and fills; it writes nowhere but below node_modules and the generated folder. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const generated = join(root, '.isthmus');
export const tools = join(generated, 'tools');
export const modules = join(root, 'node_modules');
export const here = join(root, 'infra', 'setup');
