/** The context of every step: the device, its limits, and the processes that measure. */
import { join } from 'node:path';
import { computingEnvironment, gpuEnvironment } from '../../engine/native-environment.js';
import type { DatasetName } from '../../experiment/catalogue/datasets.js';
import { visibleGpus } from '../../settings/gpus.js';
import type { Device } from '../../settings/settings.js';
import { startIsthmus } from '../peers/isthmus.js';
import type { Aside, Peer } from '../peers/peer.js';
import { startPytorch } from '../peers/pytorch.js';
import type { BenchModel } from '../request.js';

/** `tf32`: a float32 graph in a process that lets the GPU round the arguments of products to TF32. */
const proofPrecisions = ['float32', 'tf32', 'bfloat16'] as const;
export type ProofPrecision = (typeof proofPrecisions)[number];

export interface ProofContext {
  readonly device: Device;
  readonly threads: number;
  /** The most important first. */
  readonly models: readonly BenchModel[];
  /** The endpoint's data set. */
  readonly dataset: DatasetName;
  readonly dataDir: string;
  /** Folder for everything that is not a result. */
  readonly work: string;
  /** Where the CUDA libraries are; empty: the loader's own places do. */
  readonly libraries: string;
  /** A Python that has PyTorch, or null. */
  readonly python: string | null;
  /** Time of the step's share. */
  secondsLeft(): number;
}

/** TF32 exists on a GPU alone. */
export function precisionsOn(device: Device): readonly ProofPrecision[] {
  return device === 'gpu' ? proofPrecisions : ['float32', 'bfloat16'];
}

/** The precision of the graph: TF32 is a matter of the process. */
export function graphPrecision(precision: ProofPrecision): 'float32' | 'bfloat16' {
  return precision === 'bfloat16' ? 'bfloat16' : 'float32';
}

export interface OwnOptions {
  readonly name: string;
  readonly precision: ProofPrecision;
  /** False: without the switches that make results repeatable, to see what they cost. */
  readonly deterministic?: boolean;
  /** Further variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Takes lines that are no answers but are meant. */
  readonly hear?: Aside;
}

export function startOwn(context: ProofContext, options: OwnOptions): Peer {
  const { device, threads, work } = context;
  const { name, precision, deterministic = true, environment = {}, hear } = options;
  const env = deviceEnvironment(process.env, context, precision, deterministic);
  return startIsthmus({
    ...{ threads, device, name, folders: { logs: logFolder(work), graphs: join(work, 'graphs') } },
    env: { ...env, ...environment },
    // Whatever a library of NVIDIA's prints is no answer.
    aside: (line) => !line.startsWith('{') || (hear?.(line) ?? false),
  });
}

/** Variables of gpuEnvironment that do not serve determinism. */
const otherVariables = /^(NVIDIA_TF32_OVERRIDE|TF_FORCE_GPU_ALLOW_GROWTH|TF_PER_DEVICE_MEMORY.*)$/;

/** The surroundings of an engine on the device, with the libraries that were found for it. */
export function deviceEnvironment(
  env: NodeJS.ProcessEnv,
  { device, threads, libraries }: Pick<ProofContext, 'device' | 'threads' | 'libraries'>,
  precision: ProofPrecision,
  deterministic = true,
): NodeJS.ProcessEnv {
  const visible = device === 'gpu' ? visibleGpus(env['CUDA_VISIBLE_DEVICES']).slice(0, 1) : [];
  const own = computingEnvironment(env, { device, threads, precision, visible });
  if (device === 'cpu') return own;
  const switches = Object.keys(gpuEnvironment({ precision })).filter(
    (name) => !otherVariables.test(name),
  );
  const left = Object.entries(own).filter(([name]) => deterministic || !switches.includes(name));
  return {
    ...Object.fromEntries(left),
    ...(libraries === '' ? {} : { LD_LIBRARY_PATH: libraries }),
  };
}

/** Null where there is no PyTorch. */
export function startPeerOf(
  { device, threads, python, work }: ProofContext,
  precision: ProofPrecision,
): Peer | null {
  if (python === null) return null;
  return startPytorch({
    ...{ variant: 'tuned', threads, python, logs: logFolder(work) },
    device: device === 'gpu' ? 'cuda' : 'cpu',
    tf32: precision === 'tf32',
  });
}

function logFolder(work: string): string {
  return join(work, 'logs');
}

/** Uses a process and ends it whatever happens. */
export async function using<T>(peer: Peer, use: (peer: Peer) => Promise<T>): Promise<T> {
  return use(peer).finally(() => peer.close());
}
