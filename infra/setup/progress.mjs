/** Progress of set-up: one line when a long step starts and one when it ends, none when there is nothing to do. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Meant for a person: printed as it is, without a stack. */
export class SetUpError extends Error {}

/** To stderr, as all progress. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

export function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}

/** On a terminal the line is rewritten in place; in a log a new line is enough now and then. */
function showWhile(title, measure) {
  if (measure === undefined) return () => undefined;
  const { isTTY } = process.stderr;
  const timer = setInterval(
    () => {
      const line = `  ${title}: ${measure()}`;
      process.stderr.write(isTTY ? `\r\u001b[K${line}` : `${line}\n`);
    },
    isTTY ? 500 : 20_000,
  );
  return () => {
    clearInterval(timer);
    if (isTTY) process.stderr.write('\r\u001b[K');
  };
}

/** `measure` tells how far it is while it runs. */
export async function step(title, action, measure) {
  const begun = Date.now();
  say(`${title} ...`);
  const stopShowing = showWhile(title, measure);
  try {
    const result = await action();
    stopShowing();
    say(`${title}: done in ${seconds(begun)}`);
    return result;
  } finally {
    stopShowing();
  }
}

/** Files may come and go while it counts. */
export function folderBytes(folder) {
  let bytes = 0;
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      bytes += entry.isDirectory() ? folderBytes(path) : lstatSync(path).size;
    }
  } catch {
    return bytes;
  }
  return bytes;
}
