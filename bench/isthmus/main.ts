/** The measuring process of Isthmus: an engine without runs, asked over stdin and stdout. */
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { bfloat16Host } from '../../numerics/graph/bfloat16.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { checkOperations } from '../../engine/check/compare.js';
import { computeOperations } from '../../engine/check/operations.js';
import { describeGpu } from '../../engine/gpu/describe-gpu.js';
import { startTensorFlow, type TensorFlow } from '../../engine/process/tensorflow.js';
import {
  type reply as replySchema,
  request as requestSchema,
  type EpochLine,
  type Precision,
  type Recording,
  type RecordRequest,
  type Request,
  type Timing,
} from '../request.js';
import { measureAttackSteps } from './attack-steps.js';
import { timeConvolutions } from './convolutions.js';
import { digestTraining } from './digest.js';
import { trainEndpoint } from './endpoint.js';
import { writeExactness } from './exactness.js';
import { makeInputs } from './inputs.js';
import { measurePeak } from './peak.js';
import { prepare } from './prepare.js';
import { recordingHost, recordWork } from './record.js';
import { measureScale } from './scale/measure.js';
import { loadSetting } from './setting.js';
import type { PreparedWork } from './work.js';

/** Keeps the last work prepared, so that a block of measurements compiles nothing. */
interface Prepared {
  readonly key: string;
  readonly work: PreparedWork;
}

/** Device, and where encoded graphs go if not into the folder of a checkout. */
const argumentsSchema = z.tuple([z.enum(['cpu', 'gpu']), z.string().optional()]);

/** A GPU that is asked for and not found is an error here: figures of a CPU would pass for those of a GPU. */
async function start(): Promise<TensorFlow> {
  const [device, graphs] = argumentsSchema.parse(process.argv.slice(2));
  const tensorflow = await startTensorFlow(device, graphs);
  if (device === 'gpu' && !tensorflow.usesGpu) throw new Error('TensorFlow found no GPU');
  return tensorflow;
}

async function serve(): Promise<void> {
  const tensorflow = await start();
  let prepared: Prepared | null = null;
  const release = async (): Promise<void> => {
    await prepared?.work.dispose();
    prepared = null;
  };
  const time = async (asked: Timing): Promise<number[]> => {
    const { work, model, precision, inputs } = asked;
    const key = [work, model, precision, inputs].join();
    if (prepared?.key !== key) {
      await release();
      const host = inPrecision(tensorflow.host, precision);
      const setting = await loadSetting(host, model, inputs);
      prepared = { key, work: prepare(work, setting) };
    }
    return prepared.work.measure(asked);
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const reply = await replyTo(tensorflow, requestSchema.parse(JSON.parse(line)), time);
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  await release();
}

function inPrecision(host: GraphHost, precision: Precision): GraphHost {
  return precision === 'bfloat16' ? bfloat16Host(host) : host;
}

async function replyTo(
  tensorflow: TensorFlow,
  request: Request,
  time: (timing: Timing) => Promise<number[]>,
): Promise<z.infer<typeof replySchema>> {
  try {
    // JSON has no undefined.
    return { result: (await answer(tensorflow, request, time)) ?? null };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    process.stderr.write(`${error.stack}\n`);
    return { failed: error.message };
  }
}

async function answer(
  tensorflow: TensorFlow,
  request: Request,
  time: (timing: Timing) => Promise<number[]>,
): Promise<unknown> {
  const { host, version, usesGpu } = tensorflow;
  switch (request.command) {
    case 'about':
      return { version, threads: Number(process.env['TF_NUM_INTRAOP_THREADS']), usesGpu };
    case 'gpu':
      return usesGpu ? describeGpu(process.env) : null;
    case 'operations':
      return checkOperations(computeOperations(host), request.precision);
    case 'time':
      return time(request);
    case 'peak':
      return measurePeak(inPrecision(host, request.precision));
    case 'convolutions':
      return timeConvolutions(inPrecision(host, request.precision), request.layer, request.rounds);
    case 'inputs':
      return makeInputs(host, request.model, request.inputs);
    case 'attack-steps': {
      const setting = await loadSetting(host, request.model, request.inputs);
      return measureAttackSteps(setting, request).finally(() => setting.dispose());
    }
    case 'scale': {
      const setting = await loadSetting(host, 'cnn-small', request.inputs);
      return measureScale(setting, request).finally(() => setting.dispose());
    }
    case 'record':
      return record(tensorflow, request);
    case 'exactness': {
      const { model, precision, inputs, parts, results } = request;
      const setting = await loadSetting(inPrecision(host, precision), model, inputs);
      await writeExactness(setting, parts, results);
      return setting.dispose();
    }
    case 'digest': {
      const { model, precision, inputs, steps } = request;
      const setting = await loadSetting(inPrecision(host, precision), model, inputs);
      return digestTraining(setting, steps).finally(() => setting.dispose());
    }
    case 'endpoint':
      return trainEndpoint(inPrecision(host, request.precision), request, printEpoch);
    default:
      throw new Error(`unknown request ${JSON.stringify(request satisfies never)}`);
  }
}

function printEpoch(line: EpochLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function record({ host }: TensorFlow, request: RecordRequest): Promise<Recording> {
  const { work, model, precision, inputs, folder } = request;
  const recorder = recordingHost(host, folder);
  const setting = await loadSetting(inPrecision(recorder, precision), model, inputs);
  return recordWork(prepare(work, setting), recorder, folder);
}

await serve();
