/** Certificates: how many images no perturbation within epsilon can have misclassified, at each t of a fitted path. */
import { z } from 'zod';
import { certificateMethods, type CertificateMethod } from '../catalogue/certificate-methods.js';
import { uncertifiable } from '../catalogue/models/certifiable.js';
import { modelLayers, modelTitle } from '../catalogue/models/index.js';
import { isModule } from '../catalogue/models/own-model.js';
import { certificateSeries, solverSeries } from '../catalogue/series/certificate.js';
import { entryName, pixels, points } from '../config/fields.js';
import { UserError } from '../errors.js';
import { toNumber } from '../fraction-text.js';
import type { MeasurementSpec } from '../specs/path.js';
import { checkImages } from './checks/measurement.js';
import type { Draft, PathScope } from './draft.js';
import type { ConfigWith, Kind } from './kind.js';
import { grid } from './parts/grid.js';
import { pathImagesText } from './parts/images-text.js';
import { sortedEntries } from './parts/sorted.js';

export interface CertificateSpec extends MeasurementSpec {
  readonly kind: 'certificate';
  /** Radii in ℓ∞, [0,1] pixel units. */
  readonly epsilons: readonly number[];
  readonly methods: readonly CertificateMethod[];
}

const entry = z.strictObject({
  epsilons: z
    .array(pixels(z.number().min(0).max(1, 'pixels are in [0,1]: give at most 1')))
    .min(1)
    .max(20)
    .describe('radii in linf, in [0,1] pixel units'),
  methods: z
    .array(z.enum(certificateMethods))
    .min(1)
    .default(['relative'])
    .describe(
      'box: bounds of the logits (interval bound propagation; of implicit networks the mixed-monotone box). relative: bounds of the differences of logits, tighter. lipschitz: the margin against the Lipschitz constant of an implicit network',
    ),
  images: z.int().min(1).default(1000).describe('number of test images, from the first'),
  points,
});

const sections = {
  certificates: z
    .record(entryName, entry)
    .optional()
    .describe('certify the networks of each fitted curve; by name'),
};

type Config = ConfigWith<typeof sections>;
type Certificate = z.output<typeof entry>;

/** The radii as numbers. */
export function radii({ epsilons }: Pick<Certificate, 'epsilons'>): readonly number[] {
  return epsilons.map(toNumber);
}

function fitted({ certificates = {} }: Config, scope: PathScope): Draft<CertificateSpec>[] {
  return sortedEntries(certificates).map(
    ([name, { methods, images, points: count, ...asked }]) => ({
      name: { ...scope.runName('certificate'), part: name },
      summary: `certify ${scope.name} by ${methods.join(', ')} at ${count} points`,
      needs: scope.needs,
      spec: {
        ...{ kind: 'certificate', epsilons: radii(asked), methods, images },
        ...scope.along(grid(count)),
      },
      summarisedAs: `certificate:${name}`,
    }),
  );
}

function check(config: Config): void {
  for (const [name, { methods, images, epsilons }] of Object.entries(config.certificates ?? {})) {
    const where = `certificates.${name}`;
    checkImages(config, where, { images });
    for (const [field, list] of Object.entries({ epsilons: epsilons.map(toNumber), methods })) {
      const twice = list.findIndex((one, i) => (list as readonly unknown[]).indexOf(one) < i);
      if (twice < 0) continue;
      throw new UserError('bad-input', `${where}.${field}.${twice}: ${list[twice]} is there twice`);
    }
    methods.forEach((method, i) => checkMethod(config, `${where}.methods.${i}`, method));
  }
}

function checkMethod({ model }: Config, where: string, method: CertificateMethod): void {
  const reason = isModule(model)
    ? 'a module has no interval rules; give the network as layers'
    : uncertifiable(modelLayers(model), method);
  if (reason === null) return;
  const what = `${where}: there is no certificate "${method}" of ${modelTitle(model)}: ${reason}`;
  throw new UserError('bad-input', what);
}

const series = { ...certificateSeries, ...solverSeries };

export const certificate: Kind<CertificateSpec, typeof sections, 'engine', typeof series> = {
  name: 'certificate',
  version: 1,
  computedBy: 'engine',
  activity: 'certifyPath',
  precision: 'float32',
  sections,
  series,
  prefixes: ['certificate'],
  plan: { fitted },
  check,
  isChangedBy: ({ section }) => section === 'certificates',
  work: ({ t, images, epsilons, methods, ...path }) => ({
    variant: [methods.join(), pathImagesText(path)],
    amount: t.length * images * epsilons.length,
  }),
};
