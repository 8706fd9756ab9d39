/** The commands of `isthmus data`. */
import { Option, type Command } from 'commander';
import { datasetNames } from '../experiment/catalogue/datasets.js';
import { triggerNames } from '../experiment/catalogue/triggers.js';
import { fileFormats } from '../experiment/config/dataset.js';
import type { DataAddOptions } from './commands/data/add.js';
import type { DataFetchOptions } from './commands/data/fetch.js';
import type { DataShowOptions } from './commands/data/show.js';
import { declare, wideOption } from './options.js';
import type { CommonOptions, Finish } from './terminal/context.js';
import { commaList, positiveInteger, share, wholeNumber } from './terminal/option-values.js';

export function dataCommands(program: Command, finish: Finish): void {
  const data = program
    .command('data')
    .description('data sets: list, fetch, add your own, look at them');
  declare(data, 'fetch', 'download and verify the files of a data set; resumes')
    .argument('<name>', `one of ${datasetNames.join(', ')}`)
    .option(
      '--from <address>',
      'folder, tar archive, http(s) URL or s3://bucket/prefix that holds the files',
    )
    .action((name: string, options: DataFetchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/data/fetch.js')).dataFetch(context, name, options),
      ),
    );
  declare(data, 'add', 'read, check and keep images of your own under a name')
    .argument('<name>', 'what experiment files are to call the data set')
    .argument('<path...>', 'the file, folder or files')
    .addOption(
      new Option('--format <format>', 'how images and labels lie in them')
        .choices(fileFormats)
        .makeOptionMandatory(),
    )
    .option('--classes <names>', 'names of the classes by label, with commas between', commaList)
    .option('--test-share <fraction>', 'of each class to hold out (default 0.2)', share)
    .option('--seed <n>', 'of the images to hold out (default 1)', wholeNumber)
    .action((name: string, paths: readonly string[], options: DataAddOptions) =>
      finish(options, async (context) =>
        (await import('./commands/data/add.js')).dataAdd(context, name, paths, options),
      ),
    );
  declare(data, 'ls', 'list data sets: what is here, sizes, digests, licences')
    .addOption(wideOption())
    .action((options: CommonOptions) =>
      finish(options, async (context) => (await import('./commands/data/ls.js')).dataLs(context)),
    );
  declare(data, 'show', 'draw a grid of images with their labels')
    .argument('<name>', 'a data set of the catalogue or of your own')
    .option('-o, --output <png>', 'output file (default NAME.png)')
    .addOption(
      new Option('--split <split>', 'which images').choices(['train', 'test']).default('test'),
    )
    .option('--count <n>', 'number of images, from the first', positiveInteger, 32)
    .addOption(
      new Option('--backdoor <trigger>', 'below each image, the same with this trigger').choices(
        triggerNames,
      ),
    )
    .option(
      '--attacked <safetensors>',
      'below each image, the adversarial example in this artifact of an attack',
    )
    .action((name: string, options: DataShowOptions) =>
      finish(options, async (context) =>
        (await import('./commands/data/show.js')).dataShow(context, name, options),
      ),
    );
}
