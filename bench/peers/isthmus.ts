/** The engine as a measuring process, with the environment that a worker gives its engines. */
import { fileURLToPath } from 'node:url';
import { startPeer, type Peer } from './peer.js';

export function startIsthmus(threads: number): Peer {
  const script = fileURLToPath(new URL('../isthmus/main.js', import.meta.url));
  return startPeer('isthmus', [process.execPath, '--enable-source-maps', script], {
    ...process.env,
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(threads),
    OMP_NUM_THREADS: String(threads),
    TF_CPP_MIN_LOG_LEVEL: '3',
  });
}
