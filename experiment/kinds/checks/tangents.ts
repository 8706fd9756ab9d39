/** Refuses runs that need second derivatives of a network that has none; every layer of the catalogue has them. */
import { isModule } from '../../catalogue/models/own-model.js';
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';

export interface ExactRuns {
  /** First parts of the names of the runs. */
  readonly prefix: string;
  readonly variable: 'images' | 'weights';
  /** The part of the file that asks for them. */
  readonly asked: string;
}

/** One of them along each fitted curve. */
export function checkTangents({ model, curves }: BaseConfig, runs: readonly ExactRuns[]): void {
  if (!isModule(model)) return;
  const [curve] = Object.keys(curves).sort();
  for (const { prefix, variable, asked } of runs) {
    const op = model.withoutTangent[variable];
    if (op === null || curve === undefined) continue;
    throw new UserError(
      'bad-input',
      `${asked}: ${prefix}/${curve} needs second derivatives in the ${variable}, and ${model.name} uses ${op}, which has none`,
    );
  }
}
