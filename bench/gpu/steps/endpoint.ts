/** A whole endpoint, for as many epochs as the time allows; test accuracy after each. */
import { join } from 'node:path';
import { datasets } from '../../../experiment/catalogue/datasets.js';
import { epochLine, type BenchModel, type EpochLine } from '../../request.js';
import { startOwn, using, type ProofContext } from '../context.js';
import type { Tell } from '../findings.js';

/** To end and to be heard before the limit. */
const reserveSeconds = 5;

export async function endpoint(context: ProofContext, tell: Tell): Promise<void> {
  const { dataset, dataDir, work } = context;
  const generated = datasets[dataset].source === 'generated';
  if (!generated && dataDir === '') {
    return tell({ skipped: `${dataset} is not here: --data FOLDER names its files` });
  }
  const model = largestOf(context.models);
  const options = {
    ...({ name: 'endpoint', precision: 'float32' } as const),
    hear: (line: string) => hearEpoch(line, (epoch) => tellEpoch(model, dataset, epoch, tell)),
  };
  await using(startOwn(context, options), (peer) =>
    peer.ask({
      ...{ command: 'endpoint', model, precision: 'float32', dataset },
      dataDir: generated ? join(work, 'data') : dataDir,
      seconds: Math.max(1, context.secondsLeft() - reserveSeconds),
    }),
  );
}

/** vgg16 where it is among them: the network of the published tables. */
function largestOf(models: readonly BenchModel[]): BenchModel {
  return models.includes('vgg16') ? 'vgg16' : models[0]!;
}

function hearEpoch(line: string, hear: (epoch: EpochLine) => void): boolean {
  const parsed = epochLine.safeParse(JSON.parse(line));
  if (parsed.success) hear(parsed.data);
  return parsed.success;
}

function tellEpoch(
  model: BenchModel,
  dataset: string,
  { epoch, epochs, seconds, trainingLoss, testNll, testError }: EpochLine,
  tell: Tell,
): void {
  tell({
    table: 'endpoint',
    row: {
      ...{ model, 'data set': dataset, epoch: `${epoch} of ${epochs}` },
      seconds: seconds.toFixed(1),
      'training loss': trainingLoss.toFixed(4),
      'test loss': testNll.toFixed(4),
      'test accuracy, %': (100 - testError).toFixed(2),
    },
  });
}
