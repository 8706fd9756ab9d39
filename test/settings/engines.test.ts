import { expect, test } from 'vitest';
import { UserError } from '../../experiment/errors.js';
import { engineLayout } from '../../settings/engines.js';
import { loadEngineLayout } from '../../settings/settings.js';
import { readVariables, type Environment } from '../../settings/variables.js';

const layout = (
  env: Environment,
  cores: number,
  gibibytes: number,
  gpus: readonly string[] | null = null,
) => engineLayout(readVariables(env), gpus, { cores, memoryBytes: gibibytes * 2 ** 30 });

test.each([
  { cores: 2, memory: 24, slots: 2 },
  { cores: 1, memory: 24, slots: 1 },
  { cores: 4, memory: 5, slots: 2 },
  { cores: 2, memory: 1, slots: 1 },
  { cores: 64, memory: 512, slots: 8 },
])('$cores cores and $memory GiB: $slots engines by default', ({ cores, memory, slots }) => {
  const threads = { small: 1, large: cores };
  expect(layout({}, cores, memory)).toEqual({ slots, threads });
});

test('memory and the number of engines decide no threads, and so no bits', () => {
  const threads = [1, 3, 100].map((memory) => layout({}, 4, memory).threads);
  expect(threads).toEqual(Array(3).fill(layout({ ISTHMUS_SLOTS: '3' }, 4, 100).threads));
});

test.each([[['0']], [['GPU-1', 'GPU-2', 'MIG-3']]])(
  'of GPUs %j each has one engine, with all cores to feed it',
  (gpus) => {
    const slots = gpus.length;
    expect(layout({}, 16, 128, gpus)).toEqual({ slots, threads: { small: 16, large: 16 } });
    expect(layout({ ISTHMUS_THREADS_PER_SLOT: '2' }, 16, 128, gpus).slots).toBe(slots);
  },
);

test('engines share a GPU only where each reserves its memory', () => {
  const env = { ISTHMUS_SLOTS: '3' };
  expect(() => layout(env, 16, 128, ['0', '1'])).toThrow(UserError);
  expect(() => layout(env, 16, 128, ['0', '1'])).toThrow(
    /^ISTHMUS_SLOTS: 3 engines for 2 visible GPUs$/,
  );
  expect(layout({ ...env, ISTHMUS_GPU_MEMORY_MB: '8000' }, 16, 128, ['0', '1']).slots).toBe(3);
  expect(layout({ ISTHMUS_SLOTS: '1' }, 16, 128, ['0', '1']).slots).toBe(1);
});

test('without any GPU there is one engine, to say so', () => {
  expect(layout({}, 16, 128, []).slots).toBe(1);
});

test.each([
  [{ ISTHMUS_SLOTS: '5' }, { slots: 5, threads: { small: 1, large: 4 } }],
  [{ ISTHMUS_THREADS_PER_SLOT: '2' }, { slots: 2, threads: { small: 2, large: 2 } }],
  [{ ISTHMUS_THREADS_PER_SLOT: '9' }, { slots: 1, threads: { small: 9, large: 9 } }],
  [
    { ISTHMUS_SLOTS: '3', ISTHMUS_THREADS_PER_SLOT: '4' },
    { slots: 3, threads: { small: 4, large: 4 } },
  ],
])('%j wins over the defaults of 4 cores', (env, expected) => {
  expect(layout(env, 4, 64)).toEqual(expected);
  const gpus = Array.from({ length: 8 }, (_, i) => String(i));
  expect(layout(env, 4, 64, gpus).threads.large).toBe(expected.threads.large);
});

test.each(
  ['ISTHMUS_SLOTS', 'ISTHMUS_THREADS_PER_SLOT'].flatMap((name) =>
    ['0', '-1', '1.5', 'two', '1025'].map((value) => [name, value] as const),
  ),
)('%s=%s is refused in one line', (name, value) => {
  const load = (): unknown => loadEngineLayout({ [name]: value });
  expect(load).toThrow(UserError);
  expect(load).toThrow(new RegExp(`^${name}: .+$`));
});
