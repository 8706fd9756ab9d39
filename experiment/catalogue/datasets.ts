/** The data sets Isthmus knows: shape, sizes, and the digest of every file as it is published. */

export const datasetNames = [
  'mnist',
  'fashion-mnist',
  'cifar10',
  'cifar100',
  'svhn',
  'shapes32',
] as const;
export type DatasetName = (typeof datasetNames)[number];

/** Height, width, channels of one image. */
export type ImageShape = readonly [number, number, number];

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

/** How the images lie in the files. */
type DatasetFiles =
  | Described<'idx', IdxPart>
  | Described<'idx-gzip', IdxPart>
  /** Records of label bytes and planes of pixels, in one gzipped archive or in two files. */
  | Described<'cifar10-archive', 'archive'>
  | Described<'cifar100-archive', 'archive'>
  | Described<'cifar10', 'train' | 'test'>
  | Described<'matlab', 'train' | 'test'>;

export type DatasetDescription = DatasetFiles & {
  readonly name: DatasetName;
  readonly classes: number;
  readonly shape: ImageShape;
  readonly train: number;
  readonly test: number;
  /** Training images of each class, or of every class where they are as many: what a share of them comes to. */
  readonly trainPerClass: number | readonly number[];
  /** Part of the installation, made at its first use, or published at an address, its files side by side. */
  readonly source: 'installed' | 'generated' | { readonly published: string };
};

export const datasets: Readonly<Record<DatasetName, DatasetDescription>> = {
  mnist: {
    name: 'mnist',
    format: 'idx',
    classes: 10,
    shape: [28, 28, 1],
    train: 60_000,
    test: 10_000,
    trainPerClass: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    source: 'installed',
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
  },
  // Sizes and digests of the next four as in the checksums of TensorFlow Datasets (url_checksums/).
  'fashion-mnist': {
    name: 'fashion-mnist',
    format: 'idx-gzip',
    classes: 10,
    shape: [28, 28, 1],
    train: 60_000,
    test: 10_000,
    trainPerClass: 6000,
    source: { published: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com' },
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
  },
  cifar10: {
    name: 'cifar10',
    format: 'cifar10-archive',
    classes: 10,
    shape: [32, 32, 3],
    train: 50_000,
    test: 10_000,
    trainPerClass: 5000,
    source: { published: 'https://www.cs.toronto.edu/~kriz' },
    files: {
      archive: {
        name: 'cifar-10-binary.tar.gz',
        bytes: 170_052_171,
        sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
      },
    },
  },
  cifar100: {
    name: 'cifar100',
    format: 'cifar100-archive',
    classes: 100,
    shape: [32, 32, 3],
    train: 50_000,
    test: 10_000,
    trainPerClass: 500,
    source: { published: 'https://www.cs.toronto.edu/~kriz' },
    files: {
      archive: {
        name: 'cifar-100-binary.tar.gz',
        bytes: 168_513_733,
        sha256: '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec',
      },
    },
  },
  svhn: {
    name: 'svhn',
    format: 'matlab',
    classes: 10,
    shape: [32, 32, 3],
    train: 73_257,
    test: 26_032,
    trainPerClass: [4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659],
    source: { published: 'http://ufldl.stanford.edu/housenumbers' },
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
  },
  // Generated here (numerics/data/shapes32.ts): the digests pin what the generator makes.
  shapes32: {
    name: 'shapes32',
    format: 'cifar10',
    classes: 10,
    shape: [32, 32, 3],
    train: 20_000,
    test: 4_000,
    trainPerClass: 2000,
    source: 'generated',
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
  },
};

/** Training images of each class, by its number. */
export function trainingClasses({ classes, trainPerClass }: DatasetDescription): readonly number[] {
  return typeof trainPerClass === 'number'
    ? new Array<number>(classes).fill(trainPerClass)
    : trainPerClass;
}
