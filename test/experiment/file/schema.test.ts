import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { experimentJsonSchema } from '../../../experiment/file/json-schema.js';

it('the JSON Schema in the repository is that of the code (else: ./isthmus schema > experiment/experiment.schema.json)', () => {
  const path = new URL('../../../experiment/experiment.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(experimentJsonSchema());
});

it('the JSON Schema refuses unknown keys and asks only for what has no default', () => {
  expect(experimentJsonSchema()).toMatchObject({
    additionalProperties: false,
    // A sweep may give them, or a file that is extended.
    if: { not: { anyOf: [{ required: ['sweep'] }, { required: ['extends'] }] } },
    then: { required: ['name', 'dataset', 'model'] },
  });
});
