/** Parameters that a module of a user's network exports beside its function, and the result of its examination. */
import { z } from 'zod';
import type { ModuleModel } from '../catalogue/models/own-model.js';
import {
  initialValues,
  type InitialValues,
  type ParameterRecord,
} from '../catalogue/models/weights.js';
import { weightName } from './layers.js';
import { moduleFacts } from './model.js';

const initialSchema = z.union(
  [
    z.enum(['he-normal', 'fan-out-normal', 'fan-in-uniform', 'zeros', 'ones']),
    z.strictObject({ normal: z.number().positive() }),
    z.strictObject({ uniform: z.number().positive() }),
  ],
  {
    error:
      'must be he-normal, fan-out-normal, fan-in-uniform, zeros, ones, { normal: deviation } or { uniform: bound }',
  },
);

/** `parameters` of a module: a list, or what its function of { shape, classes } returns. */
export const parametersSchema = z
  .array(
    z.strictObject({
      name: weightName,
      shape: z.array(z.int().min(1)).max(6),
      initial: initialSchema.optional(),
    }),
    { error: 'must be a list of { name, shape, initial }' },
  )
  .min(1, 'a network has at least one parameter')
  .max(10_000)
  .superRefine((list, context) => {
    const names = list.map(({ name }) => name);
    const twice = names.findIndex((name, i) => names.indexOf(name) < i);
    if (twice < 0) return;
    const message = `two parameters are called ${names[twice]!}`;
    context.addIssue({ code: 'custom', path: [twice, 'name'], message });
  });

type WrittenParameter = z.output<typeof parametersSchema>[number];

/** Without `initial`, vectors begin as zeros and all others as he-normal. */
export function parameterRecord({ name, shape, initial }: WrittenParameter): ParameterRecord {
  const standard = shape.length < 2 ? 'zeros' : 'he-normal';
  return { name, shape, initial: distribution(initial ?? standard, shape) };
}

function distribution(
  initial: NonNullable<WrittenParameter['initial']>,
  shape: readonly number[],
): InitialValues {
  if (initial === 'zeros' || initial === 'ones') {
    return { kind: 'constant', value: initial === 'ones' ? 1 : 0 };
  }
  if (typeof initial === 'string') {
    // A vector is one row of weights.
    return initialValues(initial, shape.length < 2 ? [1, 1, ...shape] : shape).weight;
  }
  return 'normal' in initial
    ? { kind: 'normal', deviation: initial.normal }
    : { kind: 'uniform', bound: initial.uniform };
}

/** Result of an examination; `message` is one line. */
export type Examined =
  | { readonly kind: 'layers'; readonly layers: unknown }
  | { readonly kind: 'function'; readonly facts: Omit<ModuleModel, 'name' | 'module'> }
  | { readonly kind: 'refused'; readonly message: string };

/** Messages of the process that examines modules: it is ready, and then what it found. */
export const examinedSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('layers'), layers: z.unknown() }),
  z.strictObject({ kind: z.literal('function'), facts: moduleFacts }),
  z.strictObject({ kind: z.literal('refused'), message: z.string() }),
]);

/** Question to the examining process. */
export interface ModuleQuestion {
  readonly text: string;
  readonly shape: ModuleModel['input']['shape'];
  readonly classes: number;
}
