/** Files of the data sets of the catalogue, as their authors publish them and unpacked, with their digests. */

export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

interface Described<Format extends string, Part extends string> {
  readonly format: Format;
  readonly files: Readonly<Record<Part, DatasetFile>>;
}

type IdxPart = 'trainImages' | 'trainLabels' | 'testImages' | 'testLabels';
type BatchPart = 'batch1' | 'batch2' | 'batch3' | 'batch4' | 'batch5' | 'test';

/** How images lie in files. */
export type DatasetFiles =
  | Described<'idx', IdxPart>
  | Described<'idx-gzip', IdxPart>
  /** Records of label bytes and planes of pixels: in one gzipped archive, in its six files, or in two. */
  | Described<'cifar10-archive', 'archive'>
  | Described<'cifar100-archive', 'archive'>
  | Described<'cifar10-batches', BatchPart>
  | Described<'cifar10', 'train' | 'test'>
  | Described<'matlab', 'train' | 'test'>;

/** A layout by its name. */
export type FilesIn<Format extends DatasetFiles['format']> = Extract<
  DatasetFiles,
  { readonly format: Format }
>;

export const mnistIdx = {
  format: 'idx',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      bytes: 47_040_016,
      sha256: 'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      bytes: 60_008,
      sha256: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      bytes: 7_840_016,
      sha256: '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: 10_008,
      sha256: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
    },
  },
} as const satisfies FilesIn<'idx'>;

// Sizes and digests of published archives as in the checksums of TensorFlow Datasets (url_checksums/).

export const fashionMnistGzip = {
  format: 'idx-gzip',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte.gz',
      bytes: 26_421_880,
      sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte.gz',
      bytes: 29_515,
      sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte.gz',
      bytes: 4_422_102,
      sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte.gz',
      bytes: 5_148,
      sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
    },
  },
} as const satisfies FilesIn<'idx-gzip'>;

export const fashionMnistIdx = {
  format: 'idx',
  files: {
    trainImages: {
      name: 'train-images-idx3-ubyte',
      bytes: 47_040_016,
      sha256: 'c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888',
    },
    trainLabels: {
      name: 'train-labels-idx1-ubyte',
      bytes: 60_008,
      sha256: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    },
    testImages: {
      name: 't10k-images-idx3-ubyte',
      bytes: 7_840_016,
      sha256: '5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b',
    },
    testLabels: {
      name: 't10k-labels-idx1-ubyte',
      bytes: 10_008,
      sha256: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
    },
  },
} as const satisfies FilesIn<'idx'>;

export const cifar10Archive = {
  format: 'cifar10-archive',
  files: {
    archive: {
      name: 'cifar-10-binary.tar.gz',
      bytes: 170_052_171,
      sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
    },
  },
} as const satisfies FilesIn<'cifar10-archive'>;

/** 10,000 records of 3,073 bytes. */
const batchBytes = 30_730_000;

export const cifar10Batches = {
  format: 'cifar10-batches',
  files: {
    batch1: {
      name: 'data_batch_1.bin',
      bytes: batchBytes,
      sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5',
    },
    batch2: {
      name: 'data_batch_2.bin',
      bytes: batchBytes,
      sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed',
    },
    batch3: {
      name: 'data_batch_3.bin',
      bytes: batchBytes,
      sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67',
    },
    batch4: {
      name: 'data_batch_4.bin',
      bytes: batchBytes,
      sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48',
    },
    batch5: {
      name: 'data_batch_5.bin',
      bytes: batchBytes,
      sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add',
    },
    test: {
      name: 'test_batch.bin',
      bytes: batchBytes,
      sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b',
    },
  },
} as const satisfies FilesIn<'cifar10-batches'>;

export const cifar100Archive = {
  format: 'cifar100-archive',
  files: {
    archive: {
      name: 'cifar-100-binary.tar.gz',
      bytes: 168_513_733,
      sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
    },
  },
} as const satisfies FilesIn<'cifar100-archive'>;

export const svhnMatlab = {
  format: 'matlab',
  files: {
    train: {
      name: 'train_32x32.mat',
      bytes: 182_040_794,
      sha256: '435e94d69a87fde4fd4d7f3dd208dfc32cb6ae8af2240d066de1df7508d083b8',
    },
    test: {
      name: 'test_32x32.mat',
      bytes: 64_275_384,
      sha256: 'cdce80dfb2a2c4c6160906d0bd7c68ec5a99d7ca4831afa54f09182025b6a75b',
    },
  },
} as const satisfies FilesIn<'matlab'>;

/** Generated here (numerics/data/shapes32.ts): the digests pin what the generator makes. */
export const shapes32Records = {
  format: 'cifar10',
  files: {
    train: {
      name: 'train.bin',
      bytes: 61_460_000,
      sha256: '110b95c0d9d813704be9e8c8a22aaae9989206ff69ad45566900f08de67ca255',
    },
    test: {
      name: 'test.bin',
      bytes: 12_292_000,
      sha256: '3a9803b087db7e32154966e7cf1ae2e3b203f4dc7d0e62d204bc38f743d74577',
    },
  },
} as const satisfies FilesIn<'cifar10'>;
