/** The generated pages of docs/reference/ are what the sources give. */
import { expect, it } from 'vitest';
import { referencePages } from '../../scripts/reference/pages.js';
import { readViews } from '../../scripts/reference/views.js';
import { readPage } from './markdown.js';

const pages = Object.entries(await referencePages());

it.each(pages)('docs/reference/%s is up to date (else: npm run docs)', (name, text) => {
  expect(readPage(`docs/reference/${name}`).text).toBe(text);
});

it.each(pages)('%s has no empty section', (_, text) => {
  expect(text).not.toMatch(/^#+ .*\n\n(?=#)(?!### )/m);
  expect(text).not.toContain('undefined');
});

it('a later definition of a view replaces an earlier one', () => {
  const create = (columns: string, how = 'CREATE VIEW') =>
    `${how} "v1_a" AS\nSELECT\n    ${columns}\nFROM "run" r;\n`;
  const comment = `COMMENT ON VIEW "v1_a" IS 'One row per run''s key.';\n`;
  const later = create('r."key" AS "run",\n    r."t"', 'CREATE OR REPLACE VIEW');
  const [view] = readViews([create('r."key" AS "run"'), comment + later]);
  expect(view).toMatchObject({ name: 'v1_a', description: "One row per run's key." });
  expect(view!.columns.map(({ name }) => name)).toEqual(['run', 't']);
});
