/** The engine as a measuring process, with the environment that a worker gives its engines. */
import { fileURLToPath } from 'node:url';
import { nativeEnvironment } from '../../engine/process/native-environment.js';
import { startPeer, type Peer } from './peer.js';

export function startIsthmus(threads: number): Peer {
  const script = fileURLToPath(new URL('../isthmus/main.js', import.meta.url));
  return startPeer('isthmus', [process.execPath, '--enable-source-maps', script], {
    ...process.env,
    ...nativeEnvironment(threads),
  });
}
