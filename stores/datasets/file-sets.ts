/** Files by name: those of each folder below a path, or those of an archive. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../experiment/errors.js';
import { FormatError } from '../formats/format-error.js';
import { gunzip, isGzip, untar } from './unpack.js';

export interface FileSet {
  /** For messages. */
  readonly place: string;
  readonly names: ReadonlySet<string>;
  /** The bytes of one of the names. */
  readonly read: (name: string) => Promise<Uint8Array>;
  readonly size: (name: string) => Promise<number>;
}

/** Deep enough for what a package unpacks; more folders than these are no data set's. */
const mostDepth = 5;
const mostFolders = 2000;
/** An archive is unpacked in memory. */
const mostArchiveBytes = 2 ** 30;

/** Throws a UserError for what is neither a folder nor an archive that can be read. */
export async function openFileSets(path: string): Promise<readonly FileSet[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file or folder' : cause.message;
    throw new UserError('bad-input', `${path}: ${why}`, { cause });
  });
  if (found.isDirectory()) return folderSets(path);
  if (found.size <= mostArchiveBytes) return [await archiveSet(path)];
  throw new UserError('bad-input', `${path}: an archive of ${found.size} bytes; unpack it first`);
}

/** The folder itself and those below it; links are not followed. */
async function folderSets(root: string): Promise<readonly FileSet[]> {
  const sets: FileSet[] = [];
  let level = [root];
  for (let depth = 0; depth <= mostDepth && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (sets.length === mostFolders) return sets;
      const entries = await readdir(folder, { withFileTypes: true });
      next.push(
        ...entries.filter((one) => one.isDirectory()).map(({ name }) => join(folder, name)),
      );
      const names = new Set(entries.filter((one) => !one.isDirectory()).map(({ name }) => name));
      sets.push(folderSet(folder, names));
    }
    level = next.sort();
  }
  return sets;
}

function folderSet(folder: string, names: ReadonlySet<string>): FileSet {
  return {
    place: folder,
    names,
    read: (name) => readFile(join(folder, name)),
    size: async (name) => (await stat(join(folder, name))).size,
  };
}

async function archiveSet(path: string): Promise<FileSet> {
  try {
    const bytes = await readFile(path);
    const files = untar(isGzip(bytes) ? await gunzip(bytes) : bytes);
    const read = async (name: string): Promise<Uint8Array> => {
      const file = files.get(name);
      if (file === undefined) throw new FormatError(`${path} holds no ${name}`);
      return file;
    };
    const size = async (name: string): Promise<number> => (await read(name)).length;
    return { place: path, names: new Set(files.keys()), read, size };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('bad-input', `${path}: not a tar archive: ${reason}`, { cause });
  }
}
