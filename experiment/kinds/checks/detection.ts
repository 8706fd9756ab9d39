/** Refuses detections whose attacks, images or components are not there. */
import { featureCount } from '../../catalogue/models/features.js';
import { modelTitle } from '../../catalogue/models/index.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import type { BaseConfig } from '../../config/base.js';
import type { DetectionConfig } from '../../config/detection/detection.js';
import type { DetectionSpace } from '../../config/detection/detector.js';
import { UserError } from '../../errors.js';
import { hasOwn } from '../../own.js';
import { unknownName } from '../../reading/unknown-name.js';
import { acceptedNames } from '../../specs/run-name.js';
import { testImages } from '../parts/data.js';
import { detectedAttacks, detectedImages, detectedPoints } from '../parts/detected.js';

type Config = BaseConfig & {
  readonly detections?: Readonly<Record<string, DetectionConfig>> | undefined;
};

/** Throws a `bad-input` UserError at the first mistake. */
export function checkDetections(config: Config): void {
  for (const [name, asked] of Object.entries(config.detections ?? {})) {
    const where = `detections.${name}`;
    checkNames(config, where, asked);
    for (const attack of detectedAttacks(config, asked)) checkAttack(config, where, asked, attack);
    checkCounts(config, where, asked);
    checkDimension(config, where, asked);
  }
}

function checkNames(config: Config, where: string, asked: DetectionConfig): void {
  const { attacks, backdoors = {} } = config;
  for (const one of asked.attacks) {
    const isThere = Object.keys(attacks).some((name) => acceptedNames(name).includes(one));
    if (!isThere) throw unknownName(`${where}.attacks`, 'attack', one, attacks);
  }
  for (const one of asked.backdoors) {
    if (!hasOwn(backdoors, one)) {
      throw unknownName(`${where}.backdoors`, 'backdoor', one, backdoors);
    }
    if (detectedAttacks(config, asked).includes(one)) {
      refuse(`${where}.backdoors`, `"${one}" is an attack as well: give one of them another name`);
    }
  }
}

function checkAttack(config: Config, where: string, asked: DetectionConfig, name: string): void {
  const { images, points, keepImages = false } = config.attacks[name]!;
  if (!keepImages) {
    const advice = `set attacks.${name}.keepImages: true`;
    refuse(`${where}.attacks`, `"${name}" does not store its adversarial examples: ${advice}`);
  }
  const wanted = detectedImages(config, asked);
  if (wanted > images) refuse(`${where}.images`, `${wanted} asked for, ${name} attacks ${images}`);
  const places = detectedPoints(config, asked);
  if ((points - 1) % (places - 1) !== 0) {
    const advice = `give points of which every t is one of its own`;
    refuse(`${where}.points`, `${places} asked for, ${name} has ${points}: ${advice}`);
  }
}

function checkCounts(config: Config, where: string, asked: DetectionConfig): void {
  const facts = describeDataset(config.dataset);
  const { references, calibration } = asked;
  if (references > facts.train) {
    refuse(
      `${where}.references`,
      `${references} asked for, ${facts.name} has ${facts.train} training images`,
    );
  }
  const images = detectedImages(config, asked);
  const available = testImages(config);
  if (images + calibration > available) {
    refuse(
      `${where}.calibration`,
      `${calibration} asked for beside ${images} attacked images, there are ${available} test images`,
    );
  }
}

function checkDimension(config: Config, where: string, asked: DetectionConfig): void {
  const { model } = config;
  const dimension = dimensionOf(config, asked.space);
  if (dimension === null) {
    refuse(
      `${where}.space`,
      `${modelTitle(model)} has no last dense layer that is known here: take pixels or logits`,
    );
  }
  if (!('components' in asked) || asked.components === undefined) return;
  if (asked.components < dimension) return;
  const advice = `no residual is left; give fewer`;
  refuse(
    `${where}.components`,
    `${asked.components} asked for, ${asked.space} has ${dimension} dimensions: ${advice}`,
  );
}

/** Null: the network has no such space. */
function dimensionOf({ model, dataset }: Config, space: DetectionSpace): number | null {
  const { shape, classes } = describeDataset(dataset);
  switch (space) {
    case 'pixels':
      return shape.reduce((product, side) => product * side, 1);
    case 'logits':
      return classes;
    case 'penultimate':
      return featureCount(model, shape, classes);
    default:
      throw new Error(`unknown space ${String(space satisfies never)}`);
  }
}

function refuse(where: string, why: string): never {
  throw new UserError('bad-input', `${where}: ${why}`);
}
