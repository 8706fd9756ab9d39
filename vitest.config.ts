/** The tests of `npm test`, in two groups that share one stack. */
import { defineConfig } from 'vitest/config';
import { shared } from './test/shared.vitest.config.js';

/** Rooms whose files compute by themselves and may share the cores; the others wait for processes, and time them. */
const computing = [
  'engine',
  'experiment',
  'house',
  'invariants',
  'numerics',
  'report',
  'resume',
].map((room) => `test/${room}/**/*.test.ts`);

/** Groups run one after the other. */
const groups = [
  { name: 'computing', include: computing, maxWorkers: 2 },
  { name: 'waiting', include: ['test/**/*.test.ts'], exclude: computing, maxWorkers: 1 },
];

export default defineConfig({
  test: {
    projects: groups.map((group, groupOrder) => ({
      test: { ...shared, ...group, sequence: { groupOrder } },
    })),
  },
});
