/** Kinds are declared whole: whatever a declaration lacks is a type error, marked here where it must be one. */
import { expect, it } from 'vitest';
import {
  kinds,
  kindSections,
  semanticVersions,
  type RunSpec,
} from '../../../experiment/kinds/index.js';
import type { Kind, NoSections } from '../../../experiment/kinds/kind.js';
import type { SummarySpec } from '../../../experiment/kinds/summary.js';
import { transfer } from '../../../experiment/kinds/transfer.js';
import { runName } from '../../../experiment/specs/run-name.js';

type Summary = Kind<SummarySpec, NoSections, 'worker', typeof kinds.summary.series>;

function accept(declared: Summary): string {
  return declared.name;
}

function without<T extends object, K extends keyof T>(whole: T, part: K): Omit<T, K> {
  const rest = { ...whole };
  delete (rest as Partial<T>)[part];
  return rest;
}

it('a declaration without one of its parts does not compile', () => {
  const whole = kinds.summary;
  const accepted = [
    accept(whole),
    // @ts-expect-error without its semantic version
    accept(without(whole, 'version')),
    // @ts-expect-error without its precision
    accept(without(whole, 'precision')),
    // @ts-expect-error without its plan
    accept(without(whole, 'plan')),
    // @ts-expect-error planned at no stage
    accept({ ...whole, plan: {} }),
    // @ts-expect-error without its check, or null
    accept(without(whole, 'check')),
    // @ts-expect-error without its activity type
    accept(without(whole, 'activity')),
    // @ts-expect-error without its series
    accept(without(whole, 'series')),
    // @ts-expect-error without the axes that change it
    accept(without(whole, 'isChangedBy')),
    // @ts-expect-error without its work
    accept(without(whole, 'work')),
    // @ts-expect-error without the names of its runs
    accept(without(whole, 'prefixes')),
    // @ts-expect-error under the name of another kind
    accept({ ...whole, name: 'probe' }),
    // @ts-expect-error computed elsewhere than the list of bodies expects
    accept({ ...whole, computedBy: 'engine' }),
    // @ts-expect-error with the specification of another kind
    accept(transfer),
  ];
  expect(accepted).toHaveLength(14);
});

it('the list has each kind under its own name, and specifications of no other', () => {
  for (const [name, kind] of Object.entries(kinds)) expect(kind.name).toBe(name);
  // @ts-expect-error no kind of this name is in the list
  const unlisted: RunSpec['kind'] = 'unheard-of';
  expect(Object.keys(kinds)).not.toContain(unlisted);
  expect(Object.keys(semanticVersions)).toEqual(Object.keys(kinds));
});

it('a section of the file belongs to one kind, and changes its runs but no endpoint', () => {
  const owners = Object.values(kinds).flatMap(({ name, sections, isChangedBy, prefixes }) =>
    Object.keys(sections).map((section) => {
      const axis = { section, entry: 'images', field: '' };
      const changed = prefixes.some((prefix) => isChangedBy(axis, runName(prefix, 'A-B')));
      return { name, section, changed };
    }),
  );
  expect(owners.map(({ section }) => section)).toEqual(Object.keys(kindSections));
  expect(owners.filter(({ changed }) => !changed)).toEqual([]);
  for (const { section } of owners) {
    const axis = { section, entry: 'images', field: '' };
    expect(kinds.endpoint.isChangedBy(axis, runName('endpoint', 'A'))).toBe(false);
  }
});
