/** One path, resolved once for everything that is measured along it. */
import type { BaseConfig } from '../config/base.js';
import type { PathScope } from '../kinds/draft.js';
import { bonafideSet, cutFields } from '../kinds/parts/data.js';
import { implicitFields } from '../kinds/parts/implicit.js';
import { injectedIn, injectionNeeds } from '../kinds/parts/injected.js';
import { curveNeed, endNeeds } from '../kinds/parts/network-needs.js';
import { statisticsFields } from '../kinds/parts/statistics.js';
import type { BonafideSet } from '../specs/data.js';
import { runName } from '../specs/run-name.js';

/** The path of a curve that is there, before anything has been measured. */
export function pathScope(config: BaseConfig, name: string, path: PathScope['path']): PathScope {
  const { dataset, model } = config;
  const curve = config.curves[name]!;
  const fitted = path === 'curve';
  const family = fitted ? curve.family : 'polychain';
  const shared = {
    ...statisticsFields(config, curve),
    ...cutFields(config),
    ...(curve.ends === 'free' && fitted ? { ends: curve.ends } : {}),
    ...implicitFields(curve),
  };
  const faults = [curve.from, curve.to].flatMap((end) => injectedIn(config, end));
  return {
    ...{ path, name, curve },
    title: fitted ? name : `straight line ${name}`,
    needs: [...endNeeds(curve), ...(fitted ? [curveNeed(name)] : [])],
    injections: injectionNeeds(faults),
    validation: fitted ? heldOutSet(config, name) : null,
    measured: [],
    along: (t) => ({ dataset, model, path, family, t, ...shared }),
    runName: (prefix) => runName(prefix, name, fitted ? null : 'line'),
  };
}

/** Null where no bonafide image is held out. */
function heldOutSet(config: BaseConfig, curve: string): BonafideSet | null {
  const set = bonafideSet(config, config.curves[curve]!);
  return set !== null && set.validation > 0 ? set : null;
}
