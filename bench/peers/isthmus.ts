/** The engine as a measuring process, with the environment that a worker gives its engines. */
import { fileURLToPath } from 'node:url';
import { nativeEnvironment } from '../../engine/native-environment.js';
import type { Device } from '../../settings/settings.js';
import { startPeer, type Aside, type Peer } from './peer.js';

export interface IsthmusOptions {
  readonly threads: number;
  readonly device?: Device;
  /** Name of the process and its log. */
  readonly name?: string;
  /** By default that of an engine on a CPU. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where log and encoded graphs go, instead of the folders of a checkout. */
  readonly folders?: { readonly logs: string; readonly graphs: string };
  readonly aside?: Aside;
}

export function startIsthmus({
  threads,
  device = 'cpu',
  name = 'isthmus',
  env = engineEnvironment(threads),
  folders,
  aside,
}: IsthmusOptions): Peer {
  const script = fileURLToPath(new URL('../isthmus/main.js', import.meta.url));
  const args = [device, ...(folders ? [folders.graphs] : [])];
  return startPeer({
    name,
    command: [process.execPath, '--enable-source-maps', script, ...args],
    env,
    ...(folders ? { logs: folders.logs } : {}),
    ...(aside ? { aside } : {}),
  });
}

/** The same under ONEDNN_VERBOSE=1; `aside` takes the lines that oneDNN writes. */
export function startVerboseIsthmus(threads: number, aside: Aside): Peer {
  const env = { ...engineEnvironment(threads), ONEDNN_VERBOSE: '1' };
  return startIsthmus({ threads, name: 'isthmus-verbose', env, aside });
}

function engineEnvironment(threads: number): NodeJS.ProcessEnv {
  return { ...process.env, ...nativeEnvironment(threads) };
}
