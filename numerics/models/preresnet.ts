/**
 * Pre-activation residual networks (He et al. 2016, "Identity mappings") in the form of Garipov et al. 2018,
 * models/preresnet.py: batch norm, ReLU, convolution; a bare 1 x 1 convolution of the raw input where a block
 * changes the shape; bottleneck blocks from depth 44 on. preresnet26 has 369,498 parameters for 10 classes.
 */
import type { ImageShape } from '../../experiment/catalogue/datasets.js';
import type { ModelName } from '../../experiment/catalogue/models.js';
import { averagePooling, batchNorm, bareConvolution, residual } from './blocks.js';
import { denseLayer, reluLayer, sequence, torchStart, type Layer } from './layer.js';
import type { Model } from './model.js';
import { network } from './network.js';

type Depth = 26 | 110 | 164;

/** Input channels, width, output channels and stride of one block. */
interface Block {
  readonly from: number;
  readonly planes: number;
  readonly to: number;
  readonly stride: number;
}

export function preResNet(depth: Depth): (shape: ImageShape, classes: number) => Model {
  const bottleneck = depth >= 44;
  const perStage = (depth - 2) / (bottleneck ? 9 : 6);
  const expansion = bottleneck ? 4 : 1;
  const branch = bottleneck ? bottleneckBranch : basicBranch;
  return ([, , channels], classes) => {
    let from = 16;
    const stages = [16, 32, 64].flatMap((planes, s) =>
      Array.from({ length: perStage }, (_, b) => {
        const block = { from, planes, to: planes * expansion, stride: s > 0 && b === 0 ? 2 : 1 };
        from = block.to;
        return residualBlock(`layer${s + 1}.${b}`, block, branch);
      }),
    );
    return network(
      `preresnet${depth}` satisfies ModelName,
      sequence(
        bareConvolution('conv1', { kernel: 3, from: channels, to: 16 }, 1),
        ...stages,
        batchNorm('bn', from),
        reluLayer,
        averagePooling,
        denseLayer('fc', from, classes, torchStart),
      ),
    );
  };
}

function residualBlock(
  name: string,
  block: Block,
  branch: (name: string, block: Block) => Layer,
): Layer {
  const { from, to, stride } = block;
  const shortcut =
    from === to && stride === 1
      ? null
      : bareConvolution(`${name}.downsample`, { kernel: 1, from, to }, stride);
  return residual(branch(name, block), shortcut);
}

function basicBranch(name: string, { from, planes, stride }: Block): Layer {
  return sequence(
    activated(`${name}.bn1`, from),
    bareConvolution(`${name}.conv1`, { kernel: 3, from, to: planes }, stride),
    activated(`${name}.bn2`, planes),
    bareConvolution(`${name}.conv2`, { kernel: 3, from: planes, to: planes }, 1),
  );
}

function bottleneckBranch(name: string, { from, planes, to, stride }: Block): Layer {
  return sequence(
    activated(`${name}.bn1`, from),
    bareConvolution(`${name}.conv1`, { kernel: 1, from, to: planes }, 1),
    activated(`${name}.bn2`, planes),
    bareConvolution(`${name}.conv2`, { kernel: 3, from: planes, to: planes }, stride),
    activated(`${name}.bn3`, planes),
    bareConvolution(`${name}.conv3`, { kernel: 1, from: planes, to }, 1),
  );
}

function activated(name: string, channels: number): Layer {
  return sequence(batchNorm(name, channels), reluLayer);
}
