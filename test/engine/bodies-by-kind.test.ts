/** Every kind of run that an engine computes has a body: a missing one is a type error, marked here. */
import { expect, it } from 'vitest';
import { bodies, type Bodies } from '../../engine/kinds/index.js';
import { kinds } from '../../experiment/kinds/index.js';

it('a list of bodies without one of them, with one too many or with a wrong one does not compile', () => {
  const { transfer, ...others } = bodies;
  // @ts-expect-error transfer has no body
  const incomplete: Bodies = others;
  // @ts-expect-error the worker itself computes summaries
  const excessive: Bodies = { ...bodies, summary: transfer };
  // @ts-expect-error the body of another kind
  const exchanged: Bodies = { ...bodies, ensemble: transfer };
  expect([incomplete, excessive, exchanged]).toHaveLength(3);
});

it('the bodies are those of the kinds that engines compute', () => {
  const computed = Object.values(kinds).filter(({ computedBy }) => computedBy === 'engine');
  expect(Object.keys(bodies).sort()).toEqual(computed.map(({ name }) => name).sort());
});
