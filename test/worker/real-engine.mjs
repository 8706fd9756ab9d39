/** The engine's own serving code around scripted runs and blobs in memory; `COMPILED` is its build folder. */
import { createHash } from 'node:crypto';

const load = (path) => import(`${process.env.COMPILED}/${path}`);
const { watchForOrphanhood } = await load('engine/process/orphan-watch.js');
const { serveJobs } = await load('engine/process/serve-jobs.js');
const { workerChannel } = await load('engine/process/channel.js');
const { DivergedError } = await load('numerics/optimise/diverged.js');
const { UserError } = await load('experiment/errors.js');

watchForOrphanhood();
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());

const blobs = {
  async put(bytes) {
    return { digest: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
  },
  async putManifest(manifest) {
    process.stderr.write(`manifest ${JSON.stringify(manifest)}\n`);
  },
};

let tensors = 3;
const runs = {
  async succeed(context) {
    context.progress(1, 1, 'training');
    context.metrics([{ series: 'batch_loss', x: 0, value: NaN }]);
    return { weights: await context.blobs.put(new Uint8Array([1, 2, 3, 4])) };
  },
  async leak() {
    tensors += 2;
    return {};
  },
  async diverge() {
    throw new DivergedError(7, NaN);
  },
  async refuse() {
    throw new UserError('bad-input', 'no such data');
  },
  async 'lose-s3'() {
    throw new UserError('dependency-down', 'S3 does not answer');
  },
  async break() {
    return undefined.field;
  },
  async train(context) {
    for (let step = 0; ; step++) {
      context.progress(step, 1000, 'training');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      await context.pause();
    }
  },
  async measure(context) {
    for (let step = 0; step < 60; step++) {
      context.metrics([{ series: 'batch_loss', x: step, value: 1 / (step + 1) }]);
      await new Promise((resolve) => setTimeout(resolve, 5));
      await context.pause();
    }
    return {};
  },
  async block(context) {
    context.progress(0, 1, 'blocking');
    await new Promise((resolve) => setTimeout(resolve, 50));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 15_000);
  },
};

const environment = {
  isthmus: '0',
  node: process.version,
  tensorflow: 'scripted',
  tfjs: 'scripted',
  device: 'cpu',
  cpu: 'any',
  threads: 1,
};

await serveJobs(
  {
    blobs,
    host: null,
    dataDir: '/nowhere',
    environment,
    countTensors: () => tensors,
    executeRun: (job, context) => runs[job.run.name](context),
  },
  workerChannel,
  stop.signal,
  () => process.exit(143),
);
