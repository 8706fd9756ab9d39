/** Computes the checked operations on the device that it is given, in the environment of an engine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeGpu } from '../gpu/describe-gpu.js';
import { refuseWithoutGpu } from '../gpu/require-gpu.js';
import { startTensorFlow } from '../process/tensorflow.js';
import { checkOperations } from './compare.js';
import { computeOperations } from './operations.js';
import type { ComputedCheck } from './records.js';

const device = process.argv[2] === 'gpu' ? 'gpu' : 'cpu';
const fallback = process.argv[3] === 'cpu' ? 'cpu' : undefined;

const graphs = mkdtempSync(join(tmpdir(), 'isthmus-check-'));
try {
  const found = await check();
  process.send?.(found, () => process.disconnect());
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(graphs, { recursive: true, force: true });
}

async function check(): Promise<ComputedCheck> {
  const { version, usesGpu, host } = await startTensorFlow(device, graphs);
  refuseWithoutGpu({ device, fallback }, usesGpu);
  const operations = checkOperations(computeOperations(host), 'float32');
  return { tensorflow: version, gpu: usesGpu ? describeGpu(process.env) : null, operations };
}
