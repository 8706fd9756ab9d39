/** The measuring process of Isthmus: an engine without runs, asked over stdin and stdout. */
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import { bfloat16Host } from '../../numerics/graph/bfloat16.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import { startTensorFlow, type TensorFlow } from '../../engine/process/tensorflow.js';
import {
  type reply as replySchema,
  request as requestSchema,
  type Precision,
  type Recording,
  type RecordRequest,
  type Request,
  type Timing,
} from '../request.js';
import { measureAttackSteps } from './attack-steps.js';
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

async function serve(): Promise<void> {
  const tensorflow = await startTensorFlow('cpu');
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
  const { host, version } = tensorflow;
  switch (request.command) {
    case 'about':
      return { version, threads: Number(process.env['TF_NUM_INTRAOP_THREADS']) };
    case 'time':
      return time(request);
    case 'peak':
      return measurePeak(inPrecision(host, request.precision));
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
      const setting = await loadSetting(host, request.model, request.inputs);
      await writeExactness(setting, request.results);
      return setting.dispose();
    }
    default:
      throw new Error(`unknown request ${JSON.stringify(request satisfies never)}`);
  }
}

async function record({ host }: TensorFlow, request: RecordRequest): Promise<Recording> {
  const { work, model, precision, inputs, folder } = request;
  const recorder = recordingHost(host, folder);
  const setting = await loadSetting(inPrecision(recorder, precision), model, inputs);
  return recordWork(prepare(work, setting), recorder, folder);
}

await serve();
