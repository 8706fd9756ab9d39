/** What each endpoint and each curve is made of: the names that it gives, and all that lies behind them. */
import type { ExperimentConfig } from '../config/experiment.js';
import { hasOwn } from '../own.js';

export interface Node {
  readonly section: 'endpoints' | 'curves';
  readonly name: string;
}

export interface Reference extends Node {
  /** The field that names it: `endpoints.I.from`. */
  readonly where: string;
}

type Parts = Pick<ExperimentConfig, 'endpoints' | 'curves'>;

/** Of an entry that is there. */
export function referencesOf(config: Parts, { section, name }: Node): readonly Reference[] {
  const at = `${section}.${name}`;
  const to = (field: string, other: string | undefined, kind: Node['section']): Reference[] =>
    other === undefined ? [] : [{ section: kind, name: other, where: `${at}.${field}` }];
  if (section === 'curves') {
    const { from, to: end } = config.curves[name]!;
    return [...to('from', from, 'endpoints'), ...to('to', end, 'endpoints')];
  }
  const { from, noise, onCurve } = config.endpoints[name]!;
  return [
    ...to('from', from, 'endpoints'),
    ...to('noise.other', noise?.other, 'endpoints'),
    ...to('onCurve.curve', onCurve?.curve, 'curves'),
  ];
}

/** The entry itself and everything that it is made of, each after what it needs. */
export function originsOf(config: Parts, node: Node): readonly Node[] {
  const found = new Map<string, Node>();
  const visit = (one: Node): void => {
    if (found.has(idOf(one)) || !hasOwn(config[one.section], one.name)) return;
    for (const { section, name } of referencesOf(config, one)) visit({ section, name });
    found.set(idOf(one), one);
  };
  visit(node);
  return [...found.values()];
}

export function idOf({ section, name }: Node): string {
  return `${section}.${name}`;
}
