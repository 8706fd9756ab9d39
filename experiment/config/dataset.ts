/** The data set of an experiment: one of the catalogue, or the record of a user's that its name or its files stand for. */
import { z } from 'zod';
import { datasetNames } from '../catalogue/datasets.js';
import type { DatasetSpec, OwnDataset } from '../catalogue/own-dataset.js';
import { name } from './fields.js';

const count = z.int().min(1);

/** Labels are bytes. */
export const mostClasses = 256;

export const ownDatasetSchema: z.ZodType<OwnDataset> = z.strictObject({
  name,
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex'),
  shape: z.tuple([count, count, count]),
  classes: z.int().min(2).max(mostClasses),
  train: count,
  test: count,
  trainPerClass: z.array(count).max(mostClasses),
});

export const dataset: z.ZodType<DatasetSpec> = z
  .union([z.enum(datasetNames), ownDatasetSchema], {
    error: 'give the name of a data set, or its files',
  })
  .describe('name of a data set: of the catalogue, or one of your own (isthmus data add)');

export const fileFormats = ['npz', 'idx', 'cifar', 'folder', 'safetensors'] as const;
export type FileFormat = (typeof fileFormats)[number];

const path = z.string().min(1).max(4096);

/** Files of a user as an experiment file names them. */
export const datasetFilesSchema = z.strictObject({
  name: name
    .optional()
    .describe('what tables call the data set (default the name of its file or folder)'),
  files: z
    .union([path, z.array(path).min(1).max(1000)])
    .describe('file, folder or list of files, from the folder of the experiment file'),
  format: z.enum(fileFormats).describe('how images and labels lie in them'),
  classes: z
    .array(z.string().min(1).max(100))
    .min(2)
    .max(mostClasses)
    .optional()
    .describe('names of the classes, by label; by default as many as there are labels'),
  split: z
    .strictObject({
      test: z.number().gt(0).lt(1).default(0.2).describe('fraction of each class to hold out'),
      seed: z.int().min(0).max(0x7fffffff).default(1),
    })
    .optional()
    .describe('held-out test images, where the files have none of their own'),
});
export type DatasetFilesConfig = z.output<typeof datasetFilesSchema>;
