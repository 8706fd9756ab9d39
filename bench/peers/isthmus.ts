/** The engine as a measuring process, with the environment that a worker gives its engines. */
import { fileURLToPath } from 'node:url';
import { nativeEnvironment } from '../../engine/process/native-environment.js';
import { startPeer, type Aside, type Peer } from './peer.js';

export function startIsthmus(threads: number): Peer {
  return start('isthmus', engineEnvironment(threads));
}

/** The same under ONEDNN_VERBOSE=1; `aside` takes the lines that oneDNN writes. */
export function startVerboseIsthmus(threads: number, aside: Aside): Peer {
  const env = { ...engineEnvironment(threads), ONEDNN_VERBOSE: '1' };
  return start('isthmus-verbose', env, aside);
}

function start(name: string, env: NodeJS.ProcessEnv, aside?: Aside): Peer {
  const script = fileURLToPath(new URL('../isthmus/main.js', import.meta.url));
  return startPeer(name, [process.execPath, '--enable-source-maps', script], env, aside);
}

function engineEnvironment(threads: number): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...nativeEnvironment(threads),
  };
}
