/** Reads an experiment file, or says in one line why it cannot be read. */
import { closeSync, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs';
import { UserError } from '../../experiment/errors.js';
import { mostBytes } from '../../experiment/reading/budget.js';
import { decodeText } from '../../experiment/reading/decode.js';

/** Throws a `bad-input` UserError for what is no file, too large, or not UTF-8. */
export function readText(path: string): string {
  const decoded = decodeText(readBytes(path));
  if (decoded.ok) return decoded.text;
  const where = decoded.line === null ? `${path}` : `${path}:${decoded.line}:`;
  throw new UserError('bad-input', `${where} ${decoded.what}`);
}

function readBytes(path: string): Uint8Array {
  // Before it is opened: to open a FIFO waits for a writer.
  checkKind(
    path,
    attempt(path, () => statSync(path)),
  );
  return attempt(path, () => {
    const descriptor = openSync(path, 'r');
    try {
      checkKind(path, fstatSync(descriptor));
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}

function checkKind(path: string, stats: Stats): void {
  const refuse = (why: string): never => {
    throw new UserError('bad-input', `${path} ${why}`);
  };
  if (stats.isDirectory()) refuse('is a folder; name an experiment file in it');
  if (stats.isFIFO()) refuse('is a pipe; write the experiment to a file and name that');
  if (!stats.isFile()) refuse('is a device or a socket; name an experiment file');
  if (stats.size <= mostBytes) return;
  const megabytes = (stats.size / 1e6).toFixed(1);
  refuse(
    `has ${megabytes} MB; at most ${mostBytes / 1e6} MB are read: what repeats goes into a sweep or under defaults`,
  );
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('bad-input', `${path} cannot be read: ${reason}`, { cause });
  }
}
