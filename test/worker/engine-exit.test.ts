import { expect, test } from 'vitest';
import { failureOfExit, type EngineExit } from '../../worker/engine-exit.js';

const gigabyte = 2 ** 30;
const killed: EngineExit = {
  code: null,
  signal: 'SIGKILL',
  peakRssBytes: 0,
  memoryBytes: 4 * gigabyte,
  tail: [],
};

test.each([
  ['a large process that was killed', { peakRssBytes: 3 * gigabyte }, 'out-of-memory'],
  [
    'a large process whose shell reports the kill',
    { ...{ peakRssBytes: 3 * gigabyte }, signal: null, code: 137 },
    'out-of-memory',
  ],
  ['a small process that was killed', { peakRssBytes: gigabyte / 4 }, 'crashed'],
  [
    'a large process that crashed by itself',
    { peakRssBytes: 3 * gigabyte, signal: 'SIGSEGV' },
    'crashed',
  ],
  [
    'a process that complained of memory',
    { signal: 'SIGABRT', tail: ['terminate called: std::bad_alloc', 'done'] },
    'out-of-memory',
  ],
] as const)('%s is told apart', (_what, seen, type) => {
  expect(failureOfExit({ ...killed, ...seen }).type).toBe(type);
});

test('the message says how it ended, how large it was and what it said last', () => {
  const exit = { ...killed, peakRssBytes: gigabyte, tail: ['loading', 'Illegal instruction'] };
  expect(failureOfExit(exit).message).toBe(
    'the engine was killed by SIGKILL, last seen at 1024 MB; it said: Illegal instruction',
  );
});
