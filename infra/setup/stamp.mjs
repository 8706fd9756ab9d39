/** Remembers what was made from what: a step whose inputs have the recorded hash has nothing to do. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export function hashFiles(paths, ...more) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const content = readFileSync(path);
    hash.update(`${path.length} ${path} ${content.length}\n`).update(content);
  }
  return hash.update(JSON.stringify(more)).digest('hex');
}

export function readText(path) {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : undefined;
}

/** Appears whole or not at all. */
export function writeText(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.tmp`, `${text}\n`);
  renameSync(`${path}.tmp`, path);
}
