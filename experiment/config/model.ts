/** The network of an experiment: one of the catalogue, or the record of a user's that its layers or its module stand for. */
import { z } from 'zod';
import { modelNames, type ModelSpec } from '../catalogue/models/index.js';
import type { LayersModel, ModuleModel } from '../catalogue/models/own-model.js';
import type { ParameterRecord } from '../catalogue/models/weights.js';
import { name } from './fields.js';
import { layerRecord } from './layers.js';

const count = z.int().min(1);

const layersModel: z.ZodType<LayersModel> = z.strictObject({
  name,
  architecture: z.array(layerRecord).min(1),
});

const initialValues = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), value: z.number() }),
  z.strictObject({ kind: z.literal('normal'), deviation: z.number().positive() }),
  z.strictObject({ kind: z.literal('uniform'), bound: z.number().positive() }),
]);

const parameter: z.ZodType<ParameterRecord> = z.strictObject({
  name: z.string().min(1),
  shape: z.array(count),
  initial: initialValues,
});

/** Longest text of a module. */
export const mostModuleBytes = 2 ** 20;

/** Facts of a module for its images and classes. */
export const moduleFacts = z.strictObject({
  input: z.strictObject({ shape: z.tuple([count, count, count]), classes: z.int().min(2) }),
  parameters: z.array(parameter).min(1),
  products: z.int().min(0),
  drops: z.boolean(),
  withoutTangent: z.strictObject({
    images: z.string().nullable(),
    weights: z.string().nullable(),
  }),
});

const moduleModel: z.ZodType<ModuleModel> = moduleFacts.extend({
  name,
  module: z.strictObject({
    digest: z.string().regex(/^[0-9a-f]{64}$/, 'not a sha256 in lower-case hex'),
    bytes: count.max(mostModuleBytes),
  }),
});

export const model: z.ZodType<ModelSpec> = z
  .union([z.enum(modelNames), layersModel, moduleModel], {
    error: 'give the name of a network, its layers, or a module (./my-network.js)',
  })
  .describe(
    'a network of the catalogue, layers of your own, or a module of JavaScript (./my-network.js)',
  );

/** A user's network in an experiment file, or what a module exports; its layers are read one by one. */
export const writtenModelSchema = z.strictObject({
  name: name.optional().describe('what tables call the network (default own-network)'),
  layers: z
    .array(z.unknown(), { error: 'give a list of layers' })
    .min(1, 'give at least one layer')
    .max(1000, 'at most 1000 layers')
    .describe('layers from the images to the logits of each class'),
});

/** Name in tables of a network without one. */
export const defaultModelName = 'own-network';
