/** Whether what an experiment names is there: endpoints, curves, injections, and as many images as it asks for. */
import type { ExperimentConfig } from '../../config/experiment.js';
import { datasets } from '../../catalogue/datasets.js';
import { UserError } from '../../errors.js';
import { hasOwn } from '../../own.js';
import { namesOf } from '../runs/alone.js';
import { testCut, testImages } from '../runs/data.js';
import { referencesOf, type Node } from '../references.js';
import { unknownName } from './unknown-name.js';

/** Throws a `bad-input` UserError at the first that is not. */
export function checkReferences(config: ExperimentConfig): void {
  for (const section of ['endpoints', 'curves'] as const) {
    for (const name of Object.keys(config[section])) checkEntry(config, { section, name });
  }
  for (const [name, { from, to }] of Object.entries(config.curves)) {
    if (from === to) throw new UserError('bad-input', `curves.${name}: both ends are "${from}"`);
  }
  for (const [name, { inject }] of Object.entries(config.endpoints)) {
    if (inject === undefined || hasOwn(config.injections ?? {}, inject)) continue;
    throw unknownName(`endpoints.${name}.inject`, 'injection', inject, config.injections ?? {});
  }
  const there = new Set(Object.keys(config.endpoints).flatMap(namesOf));
  for (const [i, name] of (config.evaluation.endpoints ?? []).entries()) {
    if (!there.has(name))
      throw unknownName(`evaluation.endpoints.${i}`, 'endpoint', name, config.endpoints);
  }
  checkAttackNames(config);
  checkImages(config);
}

function checkEntry(config: ExperimentConfig, node: Node): void {
  for (const { where, section, name } of referencesOf(config, node)) {
    if (hasOwn(config[section], name)) continue;
    throw unknownName(where, section === 'curves' ? 'curve' : 'endpoint', name, config[section]);
  }
}

/** Attacks that other parts of the file go by. */
function checkAttackNames({ attacks, transfer, ensemble }: ExperimentConfig): void {
  for (const [where, attack] of Object.entries({
    transfer: transfer?.attack,
    ensemble: ensemble?.attack,
  })) {
    if (attack === undefined || hasOwn(attacks, attack)) continue;
    throw unknownName(`${where}.attack`, 'attack', attack, attacks);
  }
}

function checkImages(config: ExperimentConfig): void {
  const { spectrum, weightSpectrum, transfer, ensemble } = config;
  const asked = [
    ...Object.entries(config.attacks).map(
      ([name, { images }]) => [`attacks.${name}`, images, 'test'] as const,
    ),
    ...Object.entries(config.injections ?? {}).map(
      ([name, { images }]) => [`injections.${name}`, images, 'test'] as const,
    ),
    ...(spectrum ? [['spectrum', spectrum.images, 'test'] as const] : []),
    ...(transfer?.images === undefined ? [] : [['transfer', transfer.images, 'test'] as const]),
    ...(ensemble ? [['ensemble', ensemble.images, 'test'] as const] : []),
    ...(weightSpectrum
      ? [['weightSpectrum', weightSpectrum.images, weightSpectrum.split] as const]
      : []),
  ];
  for (const [where, images, split] of asked) {
    const half = split === 'test' && testCut(config) !== null;
    const there = half ? testImages(config) : datasets[config.dataset][split];
    if (images <= there) continue;
    const has = half
      ? `the evaluation half of ${config.dataset} has ${there}`
      : `${config.dataset} has ${there} ${split} images`;
    throw new UserError('bad-input', `${where}.images: ${images} asked for, ${has}`);
  }
}
