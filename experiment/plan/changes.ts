/** Whether an axis of a sweep can change a run, by the run's name. */
import { measurements, networks, type BaseConfig } from '../config/base.js';
import { kinds, kindSections } from '../kinds/index.js';
import type { Axis } from '../kinds/kind.js';
import { injectedForAlone } from '../kinds/parts/injected.js';
import { findOrigins, type Node } from '../kinds/parts/references.js';
import { hasOwn } from '../own.js';
import { sourceName, type RunName } from '../specs/run-name.js';

/** Sections that some runs alone depend on; all others can change every run. */
const sectionsOfSome = { ...networks, ...measurements, ...kindSections };

export function isChangedBy(config: BaseConfig, axis: Axis, run: RunName): boolean {
  if (!hasOwn(sectionsOfSome, axis.section)) return true;
  switch (axis.section) {
    case 'endpoints':
      return origins(config, run).some((node) => node.section === 'endpoints' && names(axis, node));
    case 'curves':
      return isChangedByCurve(config, axis, run);
    case 'injections':
      return origins(config, run).some(({ section, name }) => {
        const inject = section === 'endpoints' ? config.endpoints[name]!.inject : undefined;
        return inject !== undefined && names(axis, { name: inject });
      });
    default:
      return kindByPrefix(run).isChangedBy(axis, run);
  }
}

/** The fields of a curve that the straight line between its ends depends on. */
const fieldsOfLine = new Set(['from', 'to', 'weightDecay', 'bonafide']);

function isChangedByCurve(config: BaseConfig, axis: Axis, run: RunName): boolean {
  const { subject } = run;
  const named = origins(config, run).filter(
    (node) => node.section === 'curves' && names(axis, node),
  );
  const own = isAboutEndpoint(run) ? undefined : named.find(({ name }) => name === subject);
  if (own) return run.part !== 'line' || fieldsOfLine.has(axis.field);
  return named.length > 0;
}

function names({ entry }: Axis, { name }: { readonly name: string }): boolean {
  return entry === '*' || entry === sourceName(name);
}

function isAboutEndpoint({ prefix, part }: RunName): boolean {
  return prefix === 'endpoint' || part === 'alone';
}

/** The endpoints and curves that a run is about, and all that those are made of. */
function origins(config: BaseConfig, run: RunName): readonly Node[] {
  const { subject } = run;
  if (!isAboutEndpoint(run)) return findOrigins(config, { section: 'curves', name: subject });
  const injected = run.part === 'alone' ? injectedForAlone(config, subject) : [];
  return [subject, ...injected].flatMap((name) =>
    findOrigins(config, { section: 'endpoints', name }),
  );
}

/** Several kinds make endpoints; what they depend on does not tell them apart. */
function kindByPrefix({ prefix }: RunName) {
  const kind = Object.values(kinds).find(({ prefixes }) => prefixes.includes(prefix));
  if (kind === undefined) throw new Error(`no kind of run has names that begin with ${prefix}/`);
  return kind;
}
