/** The tfjs packages of the devices; one of them is enough. */
import { createRequire } from 'node:module';
import type { ProtocolClasses } from './protocol-buffers.js';

export type Device = 'cpu' | 'gpu';

export const packageOf: Readonly<Record<Device, string>> = {
  cpu: '@tensorflow/tfjs-node',
  gpu: '@tensorflow/tfjs-node-gpu',
};

const protocolFile = 'dist/proto/api_pb.js';

/** Generated classes that load no native code: every package has the same, so that of any installed one will do. */
export function protocolClasses(): ProtocolClasses {
  const require = createRequire(import.meta.url);
  for (const name of Object.values(packageOf)) {
    const file = `${name}/${protocolFile}`;
    if (isInstalled(require, file)) return require(file) as ProtocolClasses;
  }
  throw new Error(`none of ${Object.values(packageOf).join(', ')} is installed: npm run setup`);
}

function isInstalled(require: NodeJS.Require, file: string): boolean {
  try {
    require.resolve(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return false;
    throw error;
  }
}
