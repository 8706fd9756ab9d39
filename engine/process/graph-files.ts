/** On-disk cache of encoded graphs, by content, shared by the processes of a machine. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { GraphNode } from '../../numerics/graph/graph.js';
import { sha256 } from '../../stores/sha256.js';

/** Raised when the same nodes are encoded to other bytes. */
const encodingVersion = 1;
/** Limit on the files; sessions end with their process. */
const mostGraphs = 512;
const modelFile = 'saved_model.pb';
const digestFile = 'sha256';

/** sha256 of the nodes, values of constants included. */
export function graphDigest(nodes: readonly GraphNode[]): string {
  const hash = createHash('sha256').update(`encoding ${encodingVersion}\n`);
  for (const node of nodes) {
    if (node.kind !== 'constant') hash.update(JSON.stringify(node));
    else {
      const { values, ...rest } = node;
      hash.update(JSON.stringify(rest));
      hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    }
  }
  return hash.digest('hex');
}

/** The folder of the graph with this content; what is there but broken is written anew. */
export function graphFolder(cache: string, content: string, encode: () => Uint8Array): string {
  const folder = join(cache, content);
  if (isWhole(folder)) return folder;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const draft = mkdtempSync(join(cache, 'draft-'));
  const bytes = encode();
  writeFileSync(join(draft, modelFile), bytes);
  writeFileSync(join(draft, digestFile), sha256(bytes));
  put(draft, folder);
  return folder;
}

/** Another process may have put the same there in the meantime. */
function put(draft: string, folder: string): void {
  try {
    if (existsSync(folder) && !isWhole(folder)) rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!isWhole(folder)) throw error;
  }
}

function isWhole(folder: string): boolean {
  try {
    const expected = readFileSync(join(folder, digestFile), 'utf8');
    return sha256(readFileSync(join(folder, modelFile))) === expected;
  } catch {
    return false;
  }
}

/** Removes what was written longest ago beyond the newest; what an engine has loaded it needs no more. */
export function pruneGraphs(cache: string): void {
  if (!existsSync(cache)) return;
  const folders = readdirSync(cache).map((name) => join(cache, name));
  const dated = folders.flatMap((folder) => {
    const written = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
    return written === undefined ? [] : [{ folder, written }];
  });
  dated.sort((a, b) => b.written - a.written);
  for (const { folder } of dated.slice(mostGraphs)) {
    rmSync(folder, { recursive: true, force: true });
  }
}
