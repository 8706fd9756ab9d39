/** Where set-up leaves the bundled workflows and the worker finds them. */
import { join } from 'node:path';
import { generatedDir } from '../settings/paths.js';

export const bundlePath: string = join(generatedDir, 'build/workflow-bundle.js');
