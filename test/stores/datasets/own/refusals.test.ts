// What cannot be a data set is refused in one line that names the file and what is wrong with it.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { PNG } from 'pngjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UserError } from '../../../../experiment/errors.js';
import { readOwnFiles, type OwnSource } from '../../../../stores/datasets/own/read-own-files.js';
import { encodeIdx } from '../../../../stores/formats/idx.js';
import { encodeSafetensors } from '../../../../stores/formats/safetensors.js';
import { images, picture } from '../tiny-datasets.js';
import { bytesOf, npy, npzOf, zip, type ZipEntry } from './write-files.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-refused-'));
});
afterEach(() => rm(dir, { recursive: true }));

/** The one line, with the folder left out. */
async function refusal(source: OwnSource): Promise<string> {
  const error = await readOwnFiles(source).then(
    () => new Error('it was read'),
    (cause: unknown) => cause,
  );
  if (!(error instanceof UserError)) throw error;
  expect(error.kind).toBe('bad-input');
  expect(error.message).not.toContain('\n');
  return error.message.replaceAll(dir, '.');
}

async function refusedNpz(
  entries: readonly ZipEntry[],
  how: Partial<OwnSource> = {},
): Promise<string> {
  await writeFile(join(dir, 'a.npz'), zip(entries));
  return refusal({ format: 'npz', files: [join(dir, 'a.npz')], ...how });
}

const good = { ...images(6, [4, 5, 1]), labels: Uint8Array.of(1, 0, 2, 1, 0, 2) };
const [goodX, goodY] = npzOf(good) as [ZipEntry, ZipEntry];
const x = (data: Uint8Array): ZipEntry => ({ name: 'images.npy', data });
const y = (data: Uint8Array): ZipEntry => ({ name: 'labels.npy', data });
const floats = (change: (values: Float32Array) => void): ZipEntry => {
  const values = Float32Array.from(good.pixels, (p) => p / 255);
  change(values);
  return x(npy('<f4', [6, 4, 5], bytesOf(values)));
};
const ints = (...labels: number[]): ZipEntry =>
  y(npy('<i4', [labels.length], bytesOf(Int32Array.from(labels))));

describe('npz with', () => {
  test('nothing wrong is read', async () => {
    await expect(refusedNpz([goodX, goodY])).rejects.toThrow('it was read');
  });

  test.each<[string, readonly ZipEntry[], string]>([
    ['a NaN', [floats((v) => (v[47] = NaN)), goodY], './a.npz: images: pixel [2, 1, 2] is NaN'],
    [
      'an infinity',
      [floats((v) => (v[0] = -Infinity)), goodY],
      './a.npz: images: pixel [0, 0, 0] is -Infinity',
    ],
    [
      'floats up to 255',
      [floats((v) => (v[3] = 255)), goodY],
      'pixel [0, 0, 3] is 255; floats go from 0 to 1',
    ],
    [
      'floats between bytes',
      [floats((v) => (v[3] = 0.5)), goodY],
      'pixel [0, 0, 3] is 0.5, no multiple of 1/255',
    ],
    [
      'bytes of 0 and 1',
      [x(npy('|u1', [6, 4, 5], new Uint8Array(120).fill(1))), goodY],
      'no byte is above 1',
    ],
    [
      'pixels of another type',
      [x(npy('<i2', [6, 4, 5], new Uint8Array(240))), goodY],
      'images: pixels of type I16; save uint8',
    ],
    [
      'float16',
      [x(npy('<f2', [6, 4, 5], new Uint8Array(240))), goodY],
      "elements of type <f2 are not read; save x.astype('float32')",
    ],
    [
      'big-endian numbers',
      [x(npy('>f4', [6, 4, 5], new Uint8Array(480))), goodY],
      "big-endian (>f4); save x.astype('<f4')",
    ],
    [
      'Fortran order',
      [x(npy('|u1', [6, 4, 5], good.pixels, { fortran: true })), goodY],
      'in Fortran order; save numpy.ascontiguousarray(x)',
    ],
    [
      'Python objects',
      [x(npy('|O', [6], new Uint8Array(9))), goodY],
      'Python objects (pickled); save plain arrays',
    ],
    [
      'a structured array',
      [
        x(
          npy('', [6], new Uint8Array(9), {
            header: "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }",
          }),
        ),
        goodY,
      ],
      'a structured array',
    ],
    [
      'two dimensions',
      [x(npy('|u1', [6, 20], good.pixels)), goodY],
      'shape [6, 20]; images are [n, height, width]',
    ],
    [
      'channels first',
      [x(npy('|u1', [1, 3, 8, 5], good.pixels)), goodY],
      'has channels first; save x.transpose(0, 2, 3, 1)',
    ],
    [
      'no images',
      [x(npy('|u1', [0, 4, 5], new Uint8Array(0))), goodY],
      'shape [0, 4, 5]; images are',
    ],
    [
      'images past all memory',
      [x(npy('|u1', [2 ** 40, 4, 5], good.pixels)), goodY],
      'at most 4294967296',
    ],
    [
      'more sizes than data',
      [x(npy('|u1', [7, 4, 5], good.pixels)), goodY],
      'U8 [7, 4, 5] has 140 bytes, but 120 are there',
    ],
    [
      'unequal numbers',
      [goodX, ints(0, 1, 2)],
      './a.npz: labels: 3 labels, but 6 images in images',
    ],
    [
      'one-hot labels',
      [goodX, y(npy('|u1', [6, 10], new Uint8Array(60)))],
      'shape [6, 10]; for one-hot labels save y.argmax(1)',
    ],
    [
      'float labels',
      [goodX, y(npy('<f4', [6], new Uint8Array(24)))],
      'labels of type F32; save whole numbers',
    ],
    [
      'a label below zero',
      [goodX, ints(0, 1, 0, -1, 0, 0)],
      'label 3 is -1; labels go from 0 to 255',
    ],
    ['a label of 256', [goodX, ints(0, 1, 0, 0, 256, 0)], 'label 4 is 256'],
    ['an empty class', [goodX, ints(0, 0, 0, 2, 2, 2)], './a.npz: class 1 has no training images'],
    ['one class', [goodX, ints(0, 0, 0, 0, 0, 0)], 'all labels are 0'],
    [
      'a class of one image',
      [goodX, ints(0, 0, 0, 0, 0, 1)],
      'class 1 has one image: none can be held out',
    ],
    [
      'other names',
      [{ ...goodX, name: 'pictures.npy' }, goodY],
      'it holds pictures, labels; name them x_train and y_train',
    ],
    ['the same name twice', [goodX, goodY, goodY], './a.npz: labels.npy is in it twice'],
    [
      'a path that leaves the folder',
      [goodX, { ...goodY, name: '../labels.npy' }],
      'invalid relative path',
    ],
    ['text for an array', [x(Buffer.from('hello, this is no array')), goodY], 'not a NumPy array'],
    [
      'a huge header',
      [
        x(
          Buffer.concat([
            Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0, 0, 0, 0x70]),
            Buffer.alloc(40),
          ]),
        ),
        goodY,
      ],
      'a header of 1879048192 bytes',
    ],
    ['another CRC', [{ ...goodX, said: { crc: 1 } }, goodY], 'damaged: its CRC is another one'],
  ])('%s', async (_, entries, line) => {
    expect(await refusedNpz(entries)).toContain(line);
  });

  test('test images of another size, or a split that it has already', async () => {
    const test = (width: number) => npzOf(images(3, [4, width, 1]), ['x_test', 'y_test']);
    const train = npzOf(good, ['x_train', 'y_train']);
    expect(await refusedNpz([...train, ...test(6)])).toContain(
      'test images of 4 x 6 x 1, training images of 4 x 5 x 1',
    );
    expect(await refusedNpz([...train, ...test(5)], { split: { test: 0.1, seed: 1 } })).toContain(
      'has test images of its own; leave the split out',
    );
  });

  test('classes that do not fit', async () => {
    const named = (...classes: string[]) => refusedNpz([goodX, goodY], { classes });
    expect(await named('a', 'b')).toContain('label 2, but 2 classes are named (0 to 1)');
    expect(await named('a', 'b', 'c', 'd')).toContain('class 3 (d) has no training images');
    expect(await named('a', 'b', 'b')).toContain('two classes have the same name');
  });
});

describe('zip bombs are refused before they are unpacked', () => {
  const zeros = new Uint8Array(40_000_000);
  const size = (label: string, most: number, before: number): void => {
    const grown = process.memoryUsage().arrayBuffers - before;
    expect(grown, label).toBeLessThan(most);
  };

  test('an entry larger than its own header', async () => {
    const bomb = { name: 'images.npy', data: npy('|u1', [6, 4, 5], zeros), deflate: true };
    const before = process.memoryUsage().arrayBuffers;
    expect(await refusedNpz([bomb, goodY])).toContain('has 120 bytes, but 40000000 are there');
    size('after', 60_000_000 + zeros.length, before);
  });

  test('an archive that says less than an entry unpacks to, or more than it can', async () => {
    const data = npy('|u1', [6, 4, 5], zeros);
    const less = { name: 'images.npy', data, deflate: true, said: { size: 128 + 120 } };
    expect(await refusedNpz([less, goodY])).toMatch(/too many bytes in the stream/);
    const more = {
      ...x(npy('|u1', [4_000_000, 10, 10], good.pixels)),
      deflate: true,
      said: { size: 400_000_128 },
    };
    expect(await refusedNpz([more, goodY])).toMatch(/no \d+ bytes unpack to 400000128/);
  });

  test('entries that share their bytes', async () => {
    const archive = Buffer.from(zip([goodX, goodY]));
    // The second entry of the directory points to the first.
    const at = archive.lastIndexOf('PK\x01\x02');
    archive.writeUInt32LE(0, at + 42);
    await writeFile(join(dir, 'a.npz'), archive);
    const line = await refusal({ format: 'npz', files: [join(dir, 'a.npz')] });
    expect(line).toContain('shares bytes with another entry');
  });

  test('a gzipped IDX file', async () => {
    const { labels } = encodeIdx(good);
    const [bomb, names] = [join(dir, 'i.gz'), join(dir, 'l')];
    await writeFile(bomb, gzipSync(Buffer.concat([encodeIdx(good).images, zeros])));
    await writeFile(names, labels);
    expect(await refusal({ format: 'idx', files: [bomb, names] })).toBe(
      './i.gz: it unpacks to more than 136 bytes',
    );
  });
});

describe('a folder with', () => {
  const line = () => refusal({ format: 'folder', files: [dir] });
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(join(dir, name, '..'), { recursive: true });
    await writeFile(join(dir, name), bytes);
  };
  const square = picture(2, 2, new Uint8Array(12).fill(90));
  beforeEach(async () => {
    for (const name of ['a/1.png', 'a/2.png', 'b/1.png', 'b/2.png']) await put(name, square);
  });

  test('nothing wrong is read', async () => {
    await expect(line()).rejects.toThrow('it was read');
  });

  test('one picture of another size names both', async () => {
    await put('b/1.png', picture(2, 3, new Uint8Array(18)));
    expect(await line()).toBe('./b/1.png: 2 x 3 pixels, but ./a/1.png has 2 x 2');
  });

  test('a link that leads out of it', async () => {
    await symlink('/etc/hostname', join(dir, 'b/3.png'));
    expect(await line()).toMatch(/^\.\/b\/3\.png: leads out of the folder, to \/etc\/hostname/);
    await rm(join(dir, 'b/3.png'));
    await symlink(tmpdir(), join(dir, 'c'));
    expect(await line()).toMatch(/^\.\/c: leads out of the folder/);
  });

  test('an empty class, or none', async () => {
    await mkdir(join(dir, 'c'));
    expect(await line()).toBe('.: class 2 (c) has no training images');
    expect(await refusal({ format: 'folder', files: [join(dir, 'a')] })).toMatch(
      /^\.\/a: 0 folders; a folder a class is read/,
    );
  });

  test('pictures that are none, or that bytes cannot hold', async () => {
    await put('a/2.png', Buffer.from('GIF89a'));
    expect(await line()).toBe('./a/2.png: neither a PNG nor a JPEG file');
    await put('a/2.png', square.subarray(0, 50));
    expect(await line()).toMatch(/^\.\/a\/2\.png: a damaged PNG file/);
    const clear = new PNG({ width: 2, height: 2 });
    clear.data.fill(100);
    await put('a/2.png', PNG.sync.write(clear));
    expect(await line()).toBe('./a/2.png: it has transparent pixels');
    const deep = Buffer.from(square);
    deep[24] = 16;
    await put('a/2.png', deep);
    expect(await line()).toBe('./a/2.png: 16 bits a channel; save it with 8');
    const wide = Buffer.from(square);
    wide.writeUInt32BE(60_000, 16);
    wide.writeUInt32BE(60_000, 20);
    await put('a/2.png', wide);
    expect(await line()).toBe('./a/2.png: 60000 x 60000 pixels; at most 1048576 are read');
    await put(
      'a/2.png',
      Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0xff, 0xff, 0xff, 0xff, 3, 0, 0]),
    );
    expect(await line()).toBe('./a/2.png: 65535 x 65535 pixels; at most 1048576 are read');
    await put('a/2.png', Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 2, 0, 2, 4, 0, 0]));
    expect(await line()).toBe('./a/2.png: 4 components; save it in grey or RGB');
  });

  test('a class of test pictures that train has not', async () => {
    for (const name of ['train/a/1.png', 'train/b/1.png', 'test/c/1.png']) await put(name, square);
    expect(await line()).toBe('./test/c: there is no class of that name in train');
  });
});

test('files that are not there, or not of the format', async () => {
  const [none, text] = [join(dir, 'none'), join(dir, 'text')];
  await writeFile(text, 'hello '.repeat(100));
  for (const format of ['npz', 'safetensors', 'idx', 'cifar', 'folder'] as const) {
    expect(await refusal({ format, files: [none] }), format).toMatch(/^\.\/none: /);
    expect(await refusal({ format, files: [text] }), format).toMatch(/^\.\/text: /);
  }
  expect(await refusal({ format: 'npz', files: [text, none] })).toContain('reads one file');
  expect(await refusal({ format: 'npz', files: [dir] })).toMatch(/^\.: /);
});

test('safetensors with images of another type', async () => {
  const tensors = encodeSafetensors(
    new Map([
      ['images', { dtype: 'I32' as const, shape: [2, 2, 2], data: new Int32Array(8) }],
      ['labels', { dtype: 'U8' as const, shape: [2], data: new Uint8Array(2) }],
    ]),
    {},
  );
  await writeFile(join(dir, 'a.safetensors'), tensors);
  const line = await refusal({ format: 'safetensors', files: [join(dir, 'a.safetensors')] });
  expect(line).toBe(
    './a.safetensors: images: pixels of type I32; save uint8 (0 to 255), or floats in [0,1]',
  );
});
