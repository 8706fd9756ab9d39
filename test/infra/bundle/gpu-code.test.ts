/** GPU code in libraries: what is found, what is kept, and what is refused instead of guessed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesIn } from '../../../infra/bundle/gpu-code/byte-source.js';
import { readSections } from '../../../infra/bundle/gpu-code/elf-sections.js';
import { readCodeEntries } from '../../../infra/bundle/gpu-code/fat-binaries.js';
import {
  keepArchitectures,
  refuseUnheld,
} from '../../../infra/bundle/gpu-code/keep-architectures.js';
import { container, gpuLibrary, library, machineCode } from './made-libraries.js';

const folder = mkdtempSync(join(tmpdir(), 'isthmus-gpu-code-'));
afterAll(() => rmSync(folder, { recursive: true }));

const entries = (bytes: Uint8Array) => readCodeEntries(bytesIn(bytes));

function changed(bytes: Uint8Array, change: (view: DataView) => void): Uint8Array {
  const copy = bytes.slice();
  change(new DataView(copy.buffer));
  return copy;
}

/** Offset of the first container of `gpuLibrary`. */
const containerAt = 64 + 40;
const entryAt = containerAt + 16;

describe('sections', () => {
  it('are found with name, place and size', () => {
    expect(readSections(bytesIn(gpuLibrary())).slice(1, 4)).toEqual([
      { name: '.text', offset: 64, size: 40 },
      { name: '.nv_fatbin', offset: containerAt, size: 2 * 280 + 8 },
      { name: '.data', offset: containerAt + 2 * 280 + 8, size: 16 },
    ]);
  });

  it('one without bytes in the file, such as .bss, may be of any size', () => {
    const bss = changed(gpuLibrary(), (view) => {
      const table = Number(view.getBigUint64(40, true));
      view.setUint32(table + 64 + 4, 8, true);
      view.setBigUint64(table + 64 + 32, 1n << 40n, true);
    });
    expect(readSections(bytesIn(bss)).map(({ name }) => name)).not.toContain('.text');
  });

  it.each([
    ['a file of a few bytes', () => gpuLibrary().subarray(0, 20), 'too short'],
    ['another kind of file', () => new Uint8Array(100), 'begins differently'],
    ['32 bits', () => changed(gpuLibrary(), (view) => view.setUint8(4, 1)), 'not 64-bit'],
    ['big-endian', () => changed(gpuLibrary(), (view) => view.setUint8(5, 2)), 'not 64-bit'],
    [
      'no sections',
      () => changed(gpuLibrary(), (view) => view.setUint16(60, 0)),
      'no section table',
    ],
    ['a table cut short', () => gpuLibrary().subarray(0, -1), 'beyond the end'],
    [
      'a section beyond the end',
      () =>
        changed(gpuLibrary(), (view) => {
          const table = Number(view.getBigUint64(40, true));
          view.setBigUint64(table + 64 + 32, 1n << 20n, true);
        }),
      'cut short',
    ],
    [
      'an offset that no file has',
      () => changed(gpuLibrary(), (view) => view.setBigUint64(40, 1n << 63n, true)),
      'is no offset',
    ],
  ])('%s is refused', (_, bytes, why) => {
    expect(() => readSections(bytesIn(bytes()))).toThrow(why);
  });
});

describe('entries', () => {
  it('are found in every container, with the padding between them', () => {
    const found = entries(gpuLibrary());
    expect(found.map(({ architecture }) => architecture)).toEqual([
      ...['sm_80', 'sm_90', 'compute_90'],
      ...['sm_80', 'sm_90', 'compute_90'],
    ]);
    expect(found[0]).toEqual({ architecture: 'sm_80', offset: entryAt + 64, size: 24 });
  });

  it('there are none in a library without GPU code', () => {
    expect(entries(library([{ name: '.text', content: new Uint8Array(8) }]))).toEqual([]);
  });

  it.each([
    [
      'a container that begins differently',
      (view: DataView) => view.setUint8(containerAt, 1),
      'begins differently',
    ],
    [
      'a container beyond its section',
      (view: DataView) => view.setUint32(containerAt + 8, 1e6, true),
      'cut short',
    ],
    [
      'a container with a header too small',
      (view: DataView) => view.setUint16(containerAt + 6, 8, true),
      'cut short',
    ],
    [
      'an unknown kind of code',
      (view: DataView) => view.setUint16(entryAt, 7, true),
      'unknown kind 7',
    ],
    [
      'an entry beyond its container',
      (view: DataView) => view.setUint32(entryAt + 8, 1e6, true),
      'cut short',
    ],
    [
      'an entry without a header',
      (view: DataView) => view.setUint32(entryAt + 4, 0, true),
      'cut short',
    ],
    [
      'a container with a rest',
      (view: DataView) => view.setUint32(containerAt + 8, 268, true),
      'cut short',
    ],
  ])('%s is refused', (_, change, why) => {
    expect(() => entries(changed(gpuLibrary(), change))).toThrow(why);
  });
});

describe('keeping architectures', () => {
  const kept = (...architectures: readonly string[]): Uint8Array => {
    const path = join(folder, 'kept.so');
    writeFileSync(path, gpuLibrary());
    keepArchitectures(path, architectures);
    return new Uint8Array(readFileSync(path));
  };
  /** Values of the bytes of code that are left. */
  const codes = (bytes: Uint8Array) =>
    entries(bytes).map(({ offset, size }) => new Set(bytes.subarray(offset, offset + size)));

  it('zeroes the code of all others, PTX included', () => {
    expect(codes(kept('sm_90'))).toEqual([0, 0xa1, 0, 0, 0xb1, 0].map((value) => new Set([value])));
  });

  it('keeps PTX where it is named', () => {
    const left = [0xa0, 0, 0xa2, 0xb0, 0, 0xb2];
    expect(codes(kept('sm_80', 'compute_90'))).toEqual(left.map((value) => new Set([value])));
  });

  it('changes nothing else: neither headers nor other sections', () => {
    const [before, after] = [gpuLibrary(), kept('sm_90')];
    const erased = entries(before).filter(({ architecture }) => architecture !== 'sm_90');
    for (const { offset, size } of erased) before.fill(0, offset, offset + size);
    expect(after).toEqual(before);
  });

  it('zeroes code that is longer than what is written at once', () => {
    const path = join(folder, 'long.so');
    const code = new Uint8Array(2.5 * 2 ** 20).fill(7);
    const content = container([{ kind: machineCode, architecture: 80, code }]);
    writeFileSync(path, library([{ name: '.nv_fatbin', content }]));
    keepArchitectures(path, []);
    const bytes = new Uint8Array(readFileSync(path));
    const { offset, size } = entries(bytes)[0]!;
    expect(size).toBe(code.length);
    expect(bytes.subarray(offset, offset + size).every((value) => value === 0)).toBe(true);
  });

  it('an architecture that no library holds is refused with those that they hold', () => {
    const [one, other] = [join(folder, 'one.so'), join(folder, 'other.so')];
    writeFileSync(one, gpuLibrary());
    const content = container([{ kind: machineCode, architecture: 89, code: new Uint8Array(8) }]);
    writeFileSync(other, library([{ name: '.nv_fatbin', content }]));
    expect(() => refuseUnheld(['sm_90', 'sm_89'], [one, other])).not.toThrow();
    expect(() => refuseUnheld(['sm_90', 'sm_75'], [one, other])).toThrow(
      'TensorFlow holds no code for sm_75; it holds compute_90, sm_80, sm_89, sm_90',
    );
  });
});
