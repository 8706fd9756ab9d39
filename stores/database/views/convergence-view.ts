/** The view of how far an attack is from a maximum of the loss. */
import { convergenceSeries } from '../../../experiment/catalogue/series/convergence.js';
import { curve, experiment, t } from './keys.js';
import { seriesColumns } from './series-columns.js';
import { key, type ViewSource } from './view.js';

export const convergenceView: ViewSource = {
  name: 'v1_convergence',
  comment:
    'One row per experiment, curve and t: what more steps and other random starts of an attack find.',
  kinds: ['convergence'],
  columns: [
    ...[experiment, curve, t],
    key('attack_steps', `(r."spec"->>'shortSteps')::integer`, "The attack's own number of steps."),
    key('steps', `(r."spec"->>'steps')::integer`, 'The larger number of steps.'),
    key('starts', `(r."spec"->>'starts')::integer`, 'Random starts of each image.'),
    ...seriesColumns(convergenceSeries, { beforeRun: Object.keys(convergenceSeries).length }),
  ],
};
