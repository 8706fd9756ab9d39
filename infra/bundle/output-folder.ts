/** The output folder appears whole or not at all. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError } from '../../experiment/errors.js';

/** Files of an earlier bundle, which a new one replaces. */
const ours = /^(bundle\.json|install\.py|isthmus-(cpu|gpu)\.tar\.xz(\.\d{3})?)$/;

/** Throws a `usage` UserError for a folder that holds anything but a bundle. */
export function refuseOccupied(output: string): void {
  if (!existsSync(output)) return;
  const folder = statSync(output).isDirectory();
  const foreign = folder ? readdirSync(output).find((name) => !ours.test(name)) : 'it is a file';
  if (foreign === undefined) return;
  const why = folder ? `it holds ${foreign}` : foreign;
  throw new UserError('usage', `${output} is no folder for a bundle: ${why}; name a new folder`);
}

/** Calls `work` with a draft folder beside the output, which then takes the place of the output. */
export async function withDraft<T>(
  output: string,
  work: (draft: string) => Promise<T>,
): Promise<T> {
  refuseOccupied(output);
  const target = resolve(output);
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(join(dirname(target), `.${basename(target)}-draft-`));
  try {
    const result = await work(draft);
    refuseOccupied(target);
    chmodSync(draft, 0o755);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
    return result;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
