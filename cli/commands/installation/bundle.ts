/** `bundle`: makes an offline bundle of the engine for machines without a network. */
import { resolve } from 'node:path';
import { UserError } from '../../../experiment/errors.js';
import { makeBundle } from '../../../infra/bundle/bundle.js';
import type { Device } from '../../../settings/settings.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';
import { withInterrupts } from '../../terminal/interrupts.js';
import { textTable } from '../../terminal/tables.js';

export interface BundleCommandOptions extends CommonOptions {
  readonly device: Device;
  readonly arch?: readonly string[];
  readonly withWorker?: true;
  readonly output: string;
  /** Bytes. */
  readonly split?: number;
}

export async function bundle(context: Context, options: BundleCommandOptions): Promise<ExitCode> {
  const { device, arch } = options;
  if (device === 'cpu' && arch !== undefined) {
    throw new UserError('usage', '--arch chooses GPU code: it goes with --device gpu');
  }
  const output = resolve(options.output);
  const wanted = {
    ...{ device, output, architectures: arch ?? null },
    worker: options.withWorker === true,
    partBytes: options.split ?? null,
  };
  const made = await withInterrupts((signal) =>
    makeBundle(wanted, context.say, signal).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
      throw new UserError('cancelled', 'interrupted: no bundle was written', { cause });
    }),
  );
  if (context.json) printJson(context, { folder: output, ...made });
  else context.print(describe(made));
  context.say(`next: copy ${output}, and there: python3 install.py TARGET`);
  return exitCodes.ok;
}

function describe({
  parts,
  archive,
  files,
  unpackedBytes,
}: Awaited<ReturnType<typeof makeBundle>>) {
  const rows = [
    ...parts.map(({ name, size }) => [name, megabytes(size)]),
    ['all of it', megabytes(archive.size)],
    [`unpacked, ${files} files`, megabytes(unpackedBytes)],
  ];
  return textTable(['', ''], rows, (column) => column === 1);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
