/** Path of the bundled workflows: set-up writes them, the worker reads them. */
import { join } from 'node:path';
import { generatedDir } from '../settings/paths.js';

export const bundlePath: string = join(generatedDir, 'build/workflow-bundle.js');
