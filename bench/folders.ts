/** Where the benchmark keeps what it makes and installs. */
import { join } from 'node:path';
import { generatedDir, repositoryRoot } from '../settings/paths.js';

export const benchDir = join(generatedDir, 'bench');

/** PyTorch, installed when asked for. */
export const pythonDir = join(benchDir, 'python');

/** Scripts that run in Python; they are not compiled. */
export const pytorchSources = join(repositoryRoot, 'bench', 'pytorch');

/** TensorFlow for Python, installed when asked for. */
export const tensorflowDir = join(benchDir, 'tensorflow');

export const tensorflowSources = join(repositoryRoot, 'bench', 'tensorflow');
