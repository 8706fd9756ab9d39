/** The data sets Isthmus knows: shape, sizes, and the digest of every official file. */

export const datasetNames = ['mnist'] as const;
export type DatasetName = (typeof datasetNames)[number];

/** Height, width, channels of one image. */
export type ImageShape = readonly [number, number, number];

export interface DatasetFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface DatasetDescription {
  readonly name: DatasetName;
  readonly format: 'idx';
  readonly classes: number;
  readonly shape: ImageShape;
  readonly train: number;
  readonly test: number;
  readonly files: {
    readonly trainImages: DatasetFile;
    readonly trainLabels: DatasetFile;
    readonly testImages: DatasetFile;
    readonly testLabels: DatasetFile;
  };
}

export const datasets: Readonly<Record<DatasetName, DatasetDescription>> = {
  mnist: {
    name: 'mnist',
    format: 'idx',
    classes: 10,
    shape: [28, 28, 1],
    train: 60_000,
    test: 10_000,
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
};
