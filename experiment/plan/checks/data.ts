/** Whether poisoned and bonafide data can be made as a file asks: backdoors, the cut of the test set, what refers to them. */
import type { BaseConfig } from '../../config/base.js';
import { heldOut, isInside } from '../../specs/data.js';
import { describeDataset } from '../../catalogue/own-dataset.js';
import { checkPoison } from './poison.js';
import { UserError } from '../../errors.js';
import { hasLayer } from '../../catalogue/models/index.js';
import { hasOwn } from '../../own.js';
import { triggerMisfit } from '../../catalogue/triggers.js';
import { bonafideSet, testCut, testImages, type TrainedOn } from '../../kinds/parts/data.js';
import { grid } from '../../kinds/parts/grid.js';
import { unknownName } from '../../reading/unknown-name.js';

/** Throws a `bad-input` UserError at the first that cannot. */
export function checkData(config: BaseConfig): void {
  checkBackdoors(config);
  checkPoison(config);
  checkCut(config);
  for (const [name, endpoint] of Object.entries(config.endpoints)) {
    checkTrainedOn(config, `endpoints.${name}`, endpoint);
  }
  for (const [name, curve] of Object.entries(config.curves)) {
    checkTrainedOn(config, `curves.${name}`, curve);
    checkStatistics(config, `curves.${name}`, curve);
  }
}

/** Every one is measured along every path. */
const mostBackdoors = 100;

function checkBackdoors({ backdoors = {}, ...config }: BaseConfig): void {
  const { name: dataset, classes, shape } = describeDataset(config.dataset);
  const count = Object.keys(backdoors).length;
  if (count > mostBackdoors) refuse('backdoors', `${count} of them; at most ${mostBackdoors}`);
  for (const [name, { trigger, target }] of Object.entries(backdoors)) {
    const misfit = triggerMisfit(trigger, shape);
    if (misfit !== null) refuse(`backdoors.${name}.trigger`, `${misfit} as ${dataset} has them`);
    if (target === 'all' || target < classes) continue;
    refuse(`backdoors.${name}.target`, `${dataset} has classes 0 to ${classes - 1}, not ${target}`);
  }
}

function checkCut(config: BaseConfig): void {
  const cut = testCut(config);
  if (cut === null) return;
  const left = testImages(config);
  const { name: dataset, test, classes } = describeDataset(config.dataset);
  if (left >= classes) return;
  const over = left > 0 ? `${left} to evaluate on, fewer than the ${classes} classes` : 'none over';
  refuse('bonafide.pool', `${cut.pool} of the ${test} test images of ${dataset} leave ${over}`);
}

function checkTrainedOn(config: BaseConfig, where: string, on: TrainedOn): void {
  const { backdoors = {} } = config;
  if (on.backdoor !== undefined && !hasOwn(backdoors, on.backdoor)) {
    throw unknownName(`${where}.backdoor`, 'backdoor', on.backdoor, backdoors);
  }
  const { name: dataset, train } = describeDataset(config.dataset);
  if (on.images !== undefined && on.images > train)
    refuse(`${where}.images`, `${on.images} asked for, ${dataset} has ${train} to train on`);
  if (on.bonafide === undefined) return;
  const set = bonafideSet(config, on);
  if (set === null) {
    refuse(`${where}.bonafide`, 'nothing says which test images are bonafide; add bonafide: {}');
  }
  const { images, pool, validation } = set;
  if (images > pool) refuse(`${where}.bonafide`, `${images} asked for, the pool has ${pool}`);
  const held = heldOut(set);
  if (validation === 0 || (held > 0 && held < images)) return;
  const what = held === 0 ? 'no image to choose t by' : 'no image to train on';
  refuse('bonafide.validation', `${validation} of ${where}.bonafide = ${images} leaves ${what}`);
}

type Curve = BaseConfig['curves'][string];

function checkStatistics(config: BaseConfig, where: string, curve: Curve): void {
  const { batchNorm, bonafide, evaluation, model } = config;
  if (batchNorm === 'bonafide' && curve.bonafide === undefined) {
    refuse('batchNorm', `bonafide, but ${where} is not fitted to bonafide images`);
  }
  if (batchNorm === 'none' && curve.ends === 'free' && hasLayer(model, 'batch-norm')) {
    refuse(`${where}.ends`, 'free ends have no statistics of their own; use another batchNorm');
  }
  if (bonafide === undefined || curve.bonafide === undefined || bonafide.validation === 0) return;
  const { margin } = bonafide;
  if (grid(evaluation.points).some((t) => isInside(t, margin))) return;
  refuse(
    'bonafide.margin',
    `none of ${evaluation.points} points is at least ${margin} from the ends`,
  );
}

function refuse(where: string, why: string): never {
  throw new UserError('bad-input', `${where}: ${why}`);
}
