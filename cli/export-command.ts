/** Declares `export`, with the values that its options take. */
import { Option, type Command } from 'commander';
import type { ExportOptions } from './commands/export.js';
import { declare, idArgument } from './options.js';
import type { Finish } from './terminal/context.js';
import { positiveInteger, unitNumber } from './terminal/option-values.js';

export function exportCommand(program: Command, finish: Finish): void {
  declare(program, 'export', 'write a network as safetensors for PyTorch or TensorFlow')
    .argument('<id>', idArgument)
    .argument('<run>', 'an endpoint or a curve, as printed by status')
    .requiredOption('-o, --output <file>', 'output file')
    .addOption(
      new Option('--layout <name>', 'names of the tensors and order of their axes')
        .choices(['pytorch', 'tensorflow'])
        .default('pytorch'),
    )
    .addOption(new Option('--t <t>', 'position on the curve, from 0 to 1').argParser(unitNumber))
    .addOption(
      new Option('--bend <k>', 'bend of the curve, from 1')
        .argParser(positiveInteger)
        .conflicts('t'),
    )
    .action((id: string, run: string, options: ExportOptions) =>
      finish(options, async (context) =>
        (await import('./commands/export.js')).exportNetwork(context, id, run, options),
      ),
    );
}
