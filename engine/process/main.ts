/** The engine: a process that computes runs with TensorFlow and reads and writes S3; started by the worker. */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { failureFrom } from '../failures.js';
import type { Environment, GpuEnvironment } from '../../experiment/records/records.js';
import { semanticVersions } from '../../experiment/kinds/index.js';
import { repositoryRoot } from '../../settings/paths.js';
import { refuseWithoutGpu } from '../gpu/require-gpu.js';
import { workerChannel } from './channel.js';
import { localCheckpoints } from './local-checkpoints.js';
import type { TensorFlow } from './tensorflow.js';
import { readEngineOptions, type EngineOptions } from './options.js';
import { watchForOrphanhood } from './orphan-watch.js';
import { scratchBlobs } from './scratch-blobs.js';
import { serveJobs } from './serve-jobs.js';

/** As shells report a process that SIGTERM ended. */
const terminatedExitCode = 143;

async function main(): Promise<void> {
  watchForOrphanhood();
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  // Ctrl-C reaches the whole process group: the worker decides what becomes of its engines.
  process.on('SIGINT', () => undefined);
  const options = readEngineOptions(process.env);
  refuseOtherVersion(options);
  const { startTensorFlow } = await import('./tensorflow.js');
  const { describeGpu } = await import('../gpu/describe-gpu.js');
  const { executeRun } = await import('../kinds/index.js');
  const { createBlobStore } = await import('../../stores/blobs/s3-blob-store.js');
  const tensorflow = await startTensorFlow(options.device, options.graphDir);
  refuseWithoutGpu(options, tensorflow.usesGpu);
  const gpu = tensorflow.usesGpu ? describeGpu(process.env) : undefined;
  const blobs = createBlobStore({ ...options.s3, endpoint: options.s3.endpoint });
  const parts = {
    local: localCheckpoints(options.checkpointDir),
    blobs: options.scratchDir === undefined ? blobs : scratchBlobs(options.scratchDir, blobs),
    host: tensorflow.host,
    dataDir: options.dataDir,
    environment: describeEnvironment(options, tensorflow, gpu),
    countTensors: () => tensorflow.countTensors(),
    executeRun,
  };
  await serveJobs(parts, workerChannel, stop.signal, () => process.exit(terminatedExitCode));
  // Every job needs it; loaded now, the first checkpoint does not wait for it.
  await import('../../stores/blobs/s3-objects.js');
}

/** Where the code was replaced under a worker that runs, what its engines compute is not what it claims. */
function refuseOtherVersion({ versions }: EngineOptions): void {
  if (isDeepStrictEqual(versions, semanticVersions)) return;
  throw new Error('this code is of another version than the worker that runs: restart the worker');
}

function describeEnvironment(
  options: EngineOptions,
  tensorflow: TensorFlow,
  gpu: GpuEnvironment | undefined,
): Environment {
  const file = readFileSync(join(repositoryRoot, 'package.json'), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(file));
  return {
    isthmus: version,
    node: process.version,
    tensorflow: tensorflow.version,
    tfjs: tensorflow.tfjsVersion,
    device: gpu === undefined ? 'cpu' : 'gpu',
    cpu: cpus()[0]?.model ?? 'unknown',
    threads: options.threads,
    ...(gpu === undefined ? {} : { gpu }),
  };
}

function giveUp(error: unknown): void {
  if (error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.stderr.write(`engine: ${failureFrom(error).message}\n`);
  process.exit(1);
}

process.on('uncaughtException', giveUp);
main().catch(giveUp);
