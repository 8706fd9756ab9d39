/** `npm run bench -- networks`: PyTorch's logits of every built-in network, for the test that compares ours with them. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasLayer, modelNames, type ModelName } from '../../experiment/catalogue/models/index.js';
import { UserError } from '../../experiment/errors.js';
import { permuteAxes, toPytorch } from '../../stores/formats/pytorch-layout.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import { benchDir, pytorchSources } from '../folders.js';
import { pytorchEnvironment, pytorchInstalled } from '../peers/pytorch.js';
import { imageCount, referenceInputs } from './reference-inputs.js';

export interface ReferenceLogitsOptions {
  /** Where they go as JSON. */
  readonly write: string;
}

export function referenceLogits({ write }: ReferenceLogitsOptions, say: (line: string) => void) {
  if (!pytorchInstalled()) {
    throw new UserError('dependency-down', 'PyTorch is not installed', {
      hint: 'npm run bench -- --install-pytorch',
    });
  }
  // PyTorch has no implicit layer; those have the enumeration of test/numerics/implicit/.
  const explicit = modelNames.filter((name) => !hasLayer(name, 'implicit'));
  const found = explicit.map((name) => {
    say(name);
    return [name, logits(name)] as const;
  });
  writeFileSync(write, `${JSON.stringify(Object.fromEntries(found))}\n`);
}

/** [image, class]. */
function logits(name: ModelName): unknown {
  const { network, weights, images } = referenceInputs(name);
  const folder = mkdtempSync(join(benchDir, 'networks-'));
  try {
    const [layers, file] = [join(folder, 'layers.json'), join(folder, 'network.safetensors')];
    writeFileSync(layers, JSON.stringify(network.layers));
    const tensors = toPytorch(network, weights);
    const data = permuteAxes(images, [imageCount, 32, 32, 3], [0, 3, 1, 2]);
    tensors.set('images', { shape: [imageCount, 3, 32, 32], data });
    const stored = [...tensors].map(
      ([key, tensor]) => [key, { dtype: 'F32' as const, ...tensor }] as const,
    );
    writeFileSync(file, encodeSafetensors(new Map(stored), {}));
    const script = join(pytorchSources, 'reference_logits.py');
    const env = pytorchEnvironment('plain', 2);
    return JSON.parse(
      execFileSync('python3', ['-W', 'ignore', script, layers, file], { env, encoding: 'utf8' }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
