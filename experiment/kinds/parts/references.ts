/** The endpoints and curves that each endpoint and curve is made of, directly or through others. */
import type { BaseConfig } from '../../config/base.js';
import { hasOwn } from '../../own.js';

export interface Node {
  readonly section: 'endpoints' | 'curves';
  readonly name: string;
}

export interface Reference extends Node {
  /** The field that names it: `endpoints.I.from`. */
  readonly where: string;
}

type Parts = Pick<BaseConfig, 'endpoints' | 'curves'>;

/** Direct references of an entry that exists. */
export function listReferences(config: Parts, { section, name }: Node): readonly Reference[] {
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

/** The entry itself and everything that it is made of, in dependency order. */
export function findOrigins(config: Parts, node: Node): readonly Node[] {
  const found = new Map<string, Node>();
  const visit = (one: Node): void => {
    if (found.has(nodeId(one)) || !hasOwn(config[one.section], one.name)) return;
    for (const { section, name } of listReferences(config, one)) visit({ section, name });
    found.set(nodeId(one), one);
  };
  visit(node);
  return [...found.values()];
}

export function nodeId({ section, name }: Node): string {
  return `${section}.${name}`;
}
