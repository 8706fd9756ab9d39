/**
 * Records what the engine asks of TensorFlow for one unit of work, so that another program can do the same: graphs as
 * SavedModels, and every call with the bytes of its inputs.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs';
import { graphDigest } from '../../engine/process/graph-files.js';
import type { GraphHost } from '../../numerics/graph/compile.js';
import type { DataType, Signature } from '../../numerics/graph/graph.js';
import { nativeOp, typeAttribute } from '../../numerics/graph/native.js';
import { generatedDir, graphCacheFolder } from '../../settings/paths.js';
import type { Recording } from '../request.js';
import type { PreparedWork } from './work.js';

interface RecordedInput {
  /** `<node>:0`. */
  readonly name: string;
  readonly dtype: DataType;
  readonly shape: readonly number[];
  readonly file: string;
}

interface RecordedCall {
  /** Which session: each holds variables of its own. */
  readonly session: number;
  /** Folder of the SavedModel. */
  readonly graph: string;
  readonly inputs: readonly RecordedInput[];
  readonly outputs: readonly string[];
}

/** A host that passes everything on and writes down what passes. */
export interface RecordingHost extends GraphHost {
  /** Calls so far. */
  readonly calls: RecordedCall[];
}

export function recordingHost(host: GraphHost, folder: string): RecordingHost {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const calls: RecordedCall[] = [];
  let [sessions, files] = [0, 0];
  const save = ({ inputs, inputSpecs }: Signature, values: readonly tf.Tensor[]) =>
    values.map((value, i): RecordedInput => {
      const { dtype, shape } = inputSpecs[i]!;
      const file = `input-${files++}.bin`;
      writeFileSync(join(folder, file), readBytes(value, dtype));
      return { name: inputs[i]!, dtype, shape, file };
    });
  const load: GraphHost['load'] = (nodes) => {
    const session = host.load(nodes);
    const number = sessions++;
    const graph = graphDigest(nodes);
    cpSync(join(graphCacheFolder(generatedDir), graph), join(folder, graph), { recursive: true });
    return {
      run(signature, inputs) {
        const recorded = save(signature, inputs);
        calls.push({ session: number, graph, inputs: recorded, outputs: signature.outputs });
        return session.run(signature, inputs);
      },
      dispose: () => session.dispose(),
    };
  };
  return { calls, load };
}

/** tfjs knows no bytes and takes them for int32: they are read through a cast. */
function readBytes(tensor: tf.Tensor, dtype: DataType): Uint8Array {
  const values = dtype === 'uint8' ? castBytes(tensor) : tensor.dataSync();
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

function castBytes(tensor: tf.Tensor): Uint8Array {
  const attributes = [typeAttribute('SrcT', 'TF_UINT8'), typeAttribute('DstT', 'TF_INT32')];
  const wide = nativeOp('Cast', [tensor], attributes);
  const bytes = Uint8Array.from(wide.dataSync());
  wide.dispose();
  return bytes;
}

/** One unit of work after another that prepares it; the file of calls says where the second begins. */
export async function recordWork(
  work: PreparedWork,
  { calls }: RecordingHost,
  folder: string,
): Promise<Recording> {
  await work.measure({ warm: 1, repeat: 0, calls: 1 });
  const measuredFrom = calls.length;
  await work.measure({ warm: 0, repeat: 1, calls: 1 });
  const recorded = calls.slice();
  writeFileSync(join(folder, 'calls.json'), JSON.stringify({ calls: recorded, measuredFrom }));
  await work.dispose();
  return { calls: recorded.length - measuredFrom };
}
