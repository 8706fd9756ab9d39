/** What the parameters of each model are called, in their order: enough to plan with, without building a network. */
import type { ModelName } from './models.js';

const affine = ['weight', 'bias'];
const norm = ['gamma', 'beta'];

/** Every combination, the layers outermost. */
function cross(layers: readonly string[], tensors: readonly string[]): string[] {
  return layers.flatMap((layer) => tensors.map((tensor) => `${layer}.${tensor}`));
}

const dense = cross(['fc1', 'fc2', 'fc3'], affine);
const vggConvolutions = [2, 2, 3, 3, 3].flatMap((layers, stage) =>
  Array.from({ length: layers }, (_, i) => `conv${stage + 1}.${i + 1}`),
);

interface Residual {
  readonly blocks: number;
  readonly convolutions: number;
  /** Of a convolution within a block. */
  readonly tensors: readonly string[];
  readonly shortcut: string;
  /** The first stage that begins with one. */
  readonly shortcutsFrom: number;
}

function residual({ blocks, convolutions, tensors, shortcut, shortcutsFrom }: Residual): string[] {
  return [1, 2, 3].flatMap((stage) =>
    Array.from({ length: blocks }, (_, b) => {
      const block = `layer${stage}.${b}`;
      const inside = Array.from({ length: convolutions }, (_, i) => [
        ...cross([`${block}.bn${i + 1}`], norm),
        ...cross([`${block}.conv${i + 1}`], tensors),
      ]);
      const passed = b === 0 && stage >= shortcutsFrom;
      return [...inside.flat(), ...(passed ? cross([`${block}.${shortcut}`], tensors) : [])];
    }).flat(),
  );
}

function preResNet(blocks: number, convolutions: number): string[] {
  const shape = { blocks, convolutions, shortcutsFrom: convolutions === 3 ? 1 : 2 };
  const inside = residual({ ...shape, tensors: ['weight'], shortcut: 'downsample' });
  return ['conv1.weight', ...inside, ...cross(['bn'], norm), ...cross(['fc'], affine)];
}

export const tensorNames: Readonly<Record<ModelName, readonly string[]>> = {
  'cnn-small': cross(['conv1', 'conv2', 'dense1', 'dense2'], affine),
  convfc: [...cross(['conv1', 'conv2', 'conv3'], affine), ...dense],
  mlp: cross(['dense1', 'dense2', 'dense3'], affine),
  vgg16: [...cross(vggConvolutions, affine), ...dense],
  'vgg16-bn': [...cross(vggConvolutions, [...affine, 'bn.gamma', 'bn.beta']), ...dense],
  preresnet26: preResNet(4, 2),
  preresnet110: preResNet(12, 3),
  preresnet164: preResNet(18, 3),
  wrn28x10: [
    ...cross(['conv1'], affine),
    ...residual({
      ...{ blocks: 4, convolutions: 2, shortcutsFrom: 1 },
      ...{ tensors: affine, shortcut: 'shortcut' },
    }),
    ...cross(['bn1'], norm),
    ...cross(['linear'], affine),
  ],
};

/** Whether one of them is a convolution's. */
export function hasConvolution(model: ModelName): boolean {
  return tensorNames[model].some((name) => name.includes('conv'));
}

/** The most filters of one convolution; 0 without any. */
export const widestConvolution: Readonly<Record<ModelName, number>> = {
  'cnn-small': 32,
  convfc: 128,
  mlp: 0,
  vgg16: 512,
  'vgg16-bn': 512,
  preresnet26: 64,
  preresnet110: 256,
  preresnet164: 256,
  wrn28x10: 640,
};
