/** Whether the endpoints, curves and injections that an experiment names exist. */
import type { BaseConfig } from '../../config/base.js';
import { UserError } from '../../errors.js';
import { hasOwn } from '../../own.js';
import { listReferences, type Node } from '../../kinds/parts/references.js';
import { unknownName } from '../../reading/unknown-name.js';

/** Throws a `bad-input` UserError at the first that is not. */
export function checkReferences(config: BaseConfig): void {
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
}

function checkEntry(config: BaseConfig, node: Node): void {
  for (const { where, section, name } of listReferences(config, node)) {
    if (hasOwn(config[section], name)) continue;
    throw unknownName(where, section === 'curves' ? 'curve' : 'endpoint', name, config[section]);
  }
}
