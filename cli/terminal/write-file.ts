/** Writes a file atomically: under a temporary name first, so that no reader sees half of it. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../experiment/errors.js';

export function writeWholeFile(path: string, content: string | Uint8Array): void {
  try {
    if (isSpecial(path)) return fs.writeFileSync(path, content);
    const target = fs.existsSync(path) ? fs.realpathSync(path) : path;
    fs.mkdirSync(dirname(target), { recursive: true });
    withPart(dirname(target), (part) => {
      fs.writeFileSync(part, content, { flag: 'wx' });
      fs.renameSync(part, target);
    });
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Finds out whether a file can be put there, before anything is computed for it; leaves no trace. */
export function tryOutput(path: string): void {
  try {
    if (path === '') throw new Error('it has no name');
    const found = lookUp(path);
    if (path.endsWith('/') || found?.isDirectory()) throw new Error('it is a folder');
    if (found?.isCharacterDevice()) return tryDevice(path);
    if (found) fs.accessSync(path, fs.constants.W_OK);
    if (isSpecial(path)) return;
    const folder = dirname(found ? fs.realpathSync(path) : path);
    // A full disk takes a file without content.
    withPart(nearestFolder(folder), (part) => fs.writeFileSync(part, '\n', { flag: 'wx' }));
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

/** Finds out whether files can be put into a folder, which need not be there yet; leaves no trace. */
export function tryFolder(path: string): void {
  try {
    if (path === '') throw new Error('it has no name');
    const found = lookUp(path);
    if (found && !found.isDirectory()) throw new Error('it is not a folder');
    withPart(nearestFolder(path), (part) => fs.writeFileSync(part, '\n', { flag: 'wx' }));
  } catch (cause) {
    throw cannotWrite(path, cause, 'name a folder that can be written to');
  }
}

export function makeFolder(path: string): void {
  try {
    fs.mkdirSync(path, { recursive: true });
  } catch (cause) {
    throw cannotWrite(path, cause, 'name a folder that can be written to');
  }
}

/** Undefined where nothing is. Below a file Node 20 throws, where later ones find nothing. */
function lookUp(path: string): fs.Stats | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** A device or a pipe is written to: renaming would replace it. */
function isSpecial(path: string): boolean {
  const found = lookUp(path);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/** /dev/full refuses even a write of nothing. */
function tryDevice(path: string): void {
  const file = fs.openSync(path, 'w');
  try {
    fs.writeSync(file, new Uint8Array(0));
  } finally {
    fs.closeSync(file);
  }
}

/** Two that write the same file at once have a name each; a failure leaves neither behind. */
function withPart(folder: string, work: (part: string) => void): void {
  const part = join(folder, `.isthmus-${randomBytes(6).toString('hex')}.part`);
  try {
    work(part);
  } finally {
    fs.rmSync(part, { force: true });
  }
}

/** The one in which missing folders would be made. */
function nearestFolder(folder: string): string {
  const found = lookUp(folder);
  if (found?.isDirectory()) return folder;
  if (found || dirname(folder) === folder) throw new Error(`${folder} is not a folder`);
  return nearestFolder(dirname(folder));
}

function cannotWrite(
  path: string,
  cause: unknown,
  hint = 'name a file in a folder that can be written to',
): UserError {
  const message = cause instanceof Error ? cause.message : String(cause);
  // The rest of what the system says names the call, and a file that is there for a moment only.
  const [reason] = message.split(', ');
  return new UserError('failed', `cannot write "${path}": ${reason}`, { cause, hint });
}
