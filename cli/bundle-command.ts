/** Declares `bundle`, with the values that its options take. */
import { Option, type Command } from 'commander';
import type { BundleCommandOptions } from './commands/installation/bundle.js';
import { declare } from './options.js';
import type { Finish } from './terminal/context.js';
import { architectures, partBytes } from './terminal/option-values.js';

export function bundleCommand(program: Command, finish: Finish): void {
  declare(program, 'bundle', 'make an offline bundle of the engine, for machines without a network')
    .addOption(
      new Option('--device <device>', 'TensorFlow build that it holds')
        .choices(['cpu', 'gpu'])
        .makeOptionMandatory(),
    )
    .option(
      '--arch <list>',
      'keep only GPU code of these architectures, such as sm_90 or sm_80,sm_90 (default: all)',
      architectures,
    )
    .option('--with-worker', 'include the worker and MNIST, to serve a task queue there')
    .requiredOption('-o, --output <folder>', 'folder to be made; an earlier bundle is replaced')
    .option('--split <size>', 'cut the archive into parts, such as 57M (10^6 bytes)', partBytes)
    .action((options: BundleCommandOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/bundle.js')).bundle(context, options),
      ),
    );
}
