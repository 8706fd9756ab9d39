// A hundred files that cannot be data sets, drawn by seed: each is refused in one line, quickly, with little memory.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../../../experiment/errors.js';
import { stream } from '../../../../numerics/random.js';
import { readOwnFiles, type OwnSource } from '../../../../stores/datasets/own/read-own-files.js';
import { encodeCifar } from '../../../../stores/formats/cifar.js';
import { encodeIdx } from '../../../../stores/formats/idx.js';
import { encodeSafetensors } from '../../../../stores/formats/safetensors.js';
import { images, picture } from '../tiny-datasets.js';
import { npy, npzOf, zip, type ZipEntry } from './write-files.js';

const seed = 15;
const eachFormat = 20;
/** A test runner whose cores are shared is slow at times; a hang has no end. */
const patienceMs = 2000;
const mostGrowth = 200e6;

/** A whole number from 0 to n - 1. */
type Draw = (n: number) => number;

/** Names what is wrong, and puts the files into the folder. */
type Malform = (draw: Draw, dir: string) => Promise<readonly [what: string, source: OwnSource]>;

const good = {
  ...images(12, [4, 5, 1]),
  labels: Uint8Array.from({ length: 12 }, (_, i) => (7 * i) % 3),
};
const colour = { ...images(6, [32, 32, 3]), labels: Uint8Array.of(1, 0, 2, 1, 0, 2) };
const [goodX, goodY] = npzOf(good) as [ZipEntry, ZipEntry];

/** `change` gives other bytes; a file that is cut is cut anywhere. */
type Change = readonly [what: string, change: (bytes: Buffer, draw: Draw) => Uint8Array];

const cut: Change = ['cut off', (bytes, draw) => bytes.subarray(0, draw(bytes.length))];
const huge = [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const oneOf = <T>(list: readonly T[], draw: Draw): T => list[draw(list.length)]!;

function changed(
  [what, change]: Change,
  bytes: Uint8Array,
  draw: Draw,
): readonly [string, Uint8Array] {
  return [what, change(Buffer.from(bytes), draw)];
}

const overwritten =
  (place: number, big: boolean) =>
  (bytes: Buffer, draw: Draw): Uint8Array => {
    const value = oneOf(huge, draw);
    if (big) bytes.writeUInt32BE(value, place);
    else bytes.writeUInt32LE(value, place);
    return bytes;
  };

/** Fields of the central directory, counted from its last entry. */
const inDirectory =
  (offset: number) =>
  (bytes: Buffer, draw: Draw): Uint8Array => {
    bytes.writeUInt32LE(oneOf(huge, draw), bytes.lastIndexOf('PK\x01\x02') + offset);
    return bytes;
  };

const archives: readonly Change[] = [
  cut,
  [
    'with a directory at a huge offset',
    (bytes, draw) => overwritten(bytes.length - 6, false)(bytes, draw),
  ],
  [
    'with a huge number of entries',
    (bytes) => Buffer.from(bytes.fill(0xfe, bytes.length - 14, bytes.length - 10)),
  ],
  ['with an entry of huge packed size', inDirectory(20)],
  ['with an entry of huge size', inDirectory(24)],
  ['with an entry at a huge offset', inDirectory(42)],
  [
    'with entries that share their bytes',
    (bytes) => {
      bytes.writeUInt32LE(0, bytes.lastIndexOf('PK\x01\x02') + 42);
      return bytes;
    },
  ],
  [
    'with one other bit in the pixels',
    (bytes, draw) => {
      bytes[bytes.indexOf('\n') + 1 + draw(good.pixels.length)]! ^= 1 << draw(8);
      return bytes;
    },
  ],
];

/** Shapes as text, types and orders: what a header of NumPy may say. */
const arrays: readonly (readonly [what: string, entries: (draw: Draw) => readonly ZipEntry[]])[] = [
  ['with the same name twice', () => [goodX, goodY, goodX]],
  [
    'with a name that leads out',
    (draw) => [
      goodX,
      { ...goodY, name: oneOf(['../labels.npy', '/labels.npy', 'a/../../labels.npy'], draw) },
    ],
  ],
  [
    'with elements of another type',
    (draw) => [
      header(
        `'descr': '${oneOf(['<i2', '>f4', '<c8', '|O', '<U9', '<f2', '', '|b1'], draw)}', 'fortran_order': False, 'shape': (12, 4, 5), `,
      ),
      goodY,
    ],
  ],
  [
    'with other sizes',
    (draw) => [
      header(
        `'descr': '|u1', 'fortran_order': False, 'shape': (${oneOf(['-12, 4, 5', '12, 4', '12, 4, 6', '999999999999, 4, 5', '1e9, 4, 5', '12, 4, 5, 0', '', '12,, 5', '9007199254740993, 4, 5'], draw)}), `,
      ),
      goodY,
    ],
  ],
  [
    'in Fortran order or none',
    (draw) => [
      header(
        `'descr': '|u1', 'fortran_order': ${oneOf(['True', 'None', '1'], draw)}, 'shape': (12, 4, 5), `,
      ),
      goodY,
    ],
  ],
  [
    'with a header longer than the file',
    (draw) => [{ name: 'images.npy', data: headerLength(oneOf([60_000, 65_535], draw)) }, goodY],
  ],
  ['with labels that are no bytes', (draw) => [goodX, labels(oneOf([-1, 256, 2 ** 31 - 1], draw))]],
  [
    'with more labels than images',
    (draw) => [
      goodX,
      {
        name: 'labels.npy',
        data: npy('|u1', [13 + draw(9)], new Uint8Array(22)).subarray(0, 128 + 13),
      },
    ],
  ],
];

function header(fields: string): ZipEntry {
  return { name: 'images.npy', data: npy('', [], good.pixels, { header: `{${fields}}` }) };
}

function headerLength(length: number): Uint8Array {
  const data = Buffer.from(npy('|u1', [12, 4, 5], good.pixels));
  data.writeUInt16LE(length, 8);
  return data;
}

function labels(one: number): ZipEntry {
  const values = new Int32Array(12).fill(1);
  values[5] = one;
  return { name: 'labels.npy', data: npy('<i4', [12], new Uint8Array(values.buffer)) };
}

const npz: Malform = async (draw, dir) => {
  const path = join(dir, 'a.npz');
  const source = { format: 'npz' as const, files: [path] };
  if (draw(2) === 0) {
    const [what, bytes] = changed(oneOf(archives, draw), zip([goodX, goodY]), draw);
    await writeFile(path, bytes);
    return [`an archive ${what}`, source];
  }
  const [what, entries] = oneOf(arrays, draw);
  await writeFile(path, zip(entries(draw)));
  return [`arrays ${what}`, source];
};

const idxChanges: readonly Change[] = [
  cut,
  ['with a huge number of images', overwritten(4, true)],
  ['with a huge height', overwritten(8, true)],
  ['with a huge width', overwritten(12, true)],
  ['of another type', (bytes, draw) => Buffer.from(bytes.fill(9 + draw(6), 2, 3))],
  ['of other dimensions', (bytes, draw) => Buffer.from(bytes.fill(4 + draw(200), 3, 4))],
  [
    'with more bytes than it says',
    (bytes, draw) => Buffer.concat([bytes, Buffer.alloc(1 + draw(99))]),
  ],
  ['that says gzip', (bytes) => Buffer.concat([Buffer.from([0x1f, 0x8b, 8]), bytes])],
];

const idx: Malform = async (draw, dir) => {
  const files = [join(dir, 'images'), join(dir, 'labels')];
  const { images: pixels, labels: numbers } = encodeIdx(good);
  const [what, bytes] = changed(oneOf(idxChanges, draw), pixels, draw);
  await writeFile(files[0]!, bytes);
  await writeFile(files[1]!, numbers);
  return [`IDX ${what}`, { format: 'idx', files }];
};

const cifarChanges: readonly Change[] = [
  [
    'of any length',
    (bytes, draw) => {
      const length = draw(bytes.length + 3000);
      const isWhole = length % 3073 === 0 || length % 3074 === 0;
      return Buffer.concat([bytes, Buffer.alloc(3002)]).subarray(0, isWhole ? length + 2 : length);
    },
  ],
  [
    'with a label far from the others',
    (bytes, draw) => {
      bytes[3073 * draw(6)] = 100 + draw(156);
      return bytes;
    },
  ],
  ['with a class of one image', (bytes) => bytes.subarray(0, 3 * 3073)],
  [
    'with one class',
    (bytes) => {
      for (let i = 0; i < 6; i++) bytes[3073 * i] = 0;
      return bytes;
    },
  ],
];

const cifar: Malform = async (draw, dir) => {
  const path = join(dir, 'a.bin');
  const [what, bytes] = changed(oneOf(cifarChanges, draw), encodeCifar(colour, 0, 6), draw);
  await writeFile(path, bytes);
  return [`CIFAR ${what}`, { format: 'cifar', files: [path] }];
};

const pngChanges: readonly Change[] = [
  ['cut off', (bytes, draw) => bytes.subarray(0, draw(bytes.length - 12))],
  [
    'with one other bit',
    (bytes, draw) => {
      const place = draw(bytes.length);
      bytes[place]! ^= 1 << draw(8);
      return bytes;
    },
  ],
  ['of a huge width', overwritten(16, true)],
  ['of a huge height', overwritten(20, true)],
  ['of no width', (bytes) => Buffer.from(bytes.fill(0, 16, 20))],
  ['of another kind of colour', (bytes, draw) => Buffer.from(bytes.fill(7 + draw(200), 25, 26))],
  ['with a chunk of huge length', overwritten(33, true)],
  ['in Adam7', (bytes) => Buffer.from(bytes.fill(1, 28, 29))],
];

const png: Malform = async (draw, dir) => {
  for (const name of ['a', 'b']) await mkdir(join(dir, name));
  const bytes = picture(6, 5, images(1, [5, 6, 3]).pixels);
  for (const name of ['a/1', 'a/2', 'b/1', 'b/2']) await writeFile(join(dir, `${name}.png`), bytes);
  const [what, other] = changed(oneOf(pngChanges, draw), bytes, draw);
  await writeFile(join(dir, 'b/2.png'), other);
  return [`a PNG ${what}`, { format: 'folder', files: [dir] }];
};

const tensors = encodeSafetensors(
  new Map([
    ['images', { dtype: 'U8' as const, shape: [12, 4, 5], data: good.pixels }],
    ['labels', { dtype: 'U8' as const, shape: [12], data: good.labels }],
  ]),
  {},
);

/** Another header before the same data. */
function withHeader(change: (text: string) => string): Uint8Array {
  const length = Number(Buffer.from(tensors).readBigUInt64LE(0));
  const text = Buffer.from(change(Buffer.from(tensors).toString('utf8', 8, 8 + length)));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([prefix, text, Buffer.from(tensors).subarray(8 + length)]);
}

const replaced = (from: string | RegExp, to: readonly string[]) => (_: Buffer, draw: Draw) =>
  withHeader((text) => text.replace(from, oneOf(to, draw)));

const tensorChanges: readonly Change[] = [
  cut,
  [
    'with a huge header',
    (bytes, draw) => {
      bytes.writeBigUInt64LE(BigInt(oneOf(huge, draw)) << BigInt(8 * draw(5)), 0);
      return bytes;
    },
  ],
  ['of another type', replaced('"U8"', ['"F16"', '"U7"', '"I16"', '7', 'null'])],
  ['with overlapping offsets', replaced('[240,252]', ['[0,12]', '[228,240]', '[239,251]'])],
  [
    'with offsets past its end',
    replaced('[240,252]', ['[240,99999999999]', '[9007199254740990,9007199254741002]']),
  ],
  [
    'with sizes below zero',
    replaced('[12,4,5]', ['[-12,-4,5]', '[12,-4,5]', '[12,4.5,5]', '["12",4,5]']),
  ],
  [
    'with other sizes',
    replaced('[12,4,5]', ['[12,4,6]', '[240]', '[4294967296,4294967296,5]', '[]']),
  ],
  [
    'with the same name twice',
    replaced(/^\{/, [
      '{"images":{"dtype":"U8","shape":[12],"data_offsets":[240,252]},',
      '{"labels":{"dtype":"U8","shape":[12],"data_offsets":[240,252]},',
    ]),
  ],
];

const safetensors: Malform = async (draw, dir) => {
  const path = join(dir, 'a.safetensors');
  const [what, bytes] = changed(oneOf(tensorChanges, draw), tensors, draw);
  await writeFile(path, bytes);
  return [`safetensors ${what}`, { format: 'safetensors', files: [path] }];
};

const formats: Readonly<Record<string, Malform>> = { npz, idx, cifar, png, safetensors };
const cases = Object.entries(formats).flatMap(([format, malform], f) =>
  Array.from({ length: eachFormat }, (_, i) => {
    const generator = stream(seed, 'probe', 100 * f + i);
    return { format, i, malform, draw: (n: number) => uniformInt(generator, 0, n - 1) };
  }),
);

let dir: string;
let startRss: number;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-fuzz-'));
  startRss = process.memoryUsage().rss;
});
afterAll(() => rm(dir, { recursive: true }));

describe('a malformed file', () => {
  test.each(cases)('$format $i is refused', async ({ format, i, malform, draw }) => {
    const own = join(dir, `${format}-${i}`);
    await mkdir(own);
    const [what, source] = await malform(draw, own);
    const start = performance.now();
    const refused = await readOwnFiles(source).then(
      () => null,
      (error: unknown) => error,
    );
    const elapsed = performance.now() - start;
    expect(refused, `${what} was read`).not.toBeNull();
    if (!(refused instanceof UserError))
      throw new Error(`${what}: not refused but`, { cause: refused });
    expect(refused.kind).toBe('bad-input');
    expect(refused.message, what).toMatch(/^[^\n]{1,500}$/);
    expect(refused.message, what).toContain(own);
    expect(elapsed, what).toBeLessThan(patienceMs);
    // maxRSS is the highest that there has been, in kilobytes.
    expect(1024 * process.resourceUsage().maxRSS - startRss, what).toBeLessThan(mostGrowth);
  });
});

test('the files that these come from are read', async () => {
  const read = async (name: string, bytes: Uint8Array, format: OwnSource['format']) => {
    await writeFile(join(dir, name), bytes);
    return (await readOwnFiles({ format, files: [join(dir, name)] })).contents.train.count;
  };
  expect(await read('a.npz', zip([goodX, goodY]), 'npz')).toBe(9);
  expect(await read('a.safetensors', tensors, 'safetensors')).toBe(9);
  expect(await read('a.bin', encodeCifar(colour, 0, 6), 'cifar')).toBe(3);
  const { images: pixels, labels: numbers } = encodeIdx(good);
  await writeFile(join(dir, 'i'), pixels);
  await writeFile(join(dir, 'l'), numbers);
  const files = [join(dir, 'i'), join(dir, 'l')];
  expect((await readOwnFiles({ format: 'idx', files })).contents.train.count).toBe(9);
});
