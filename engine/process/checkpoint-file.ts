/** A saved state as bytes: safetensors whose metadata say of which run, at which step, saved on what machine. */
import type { NamedTensors } from '../toolkit/context.js';
import { decodeSafetensors, encodeSafetensors } from '../../stores/formats/safetensors.js';

/** Raised when what a run keeps in its checkpoints is named or laid out otherwise. */
const format = 'isthmus.checkpoint/1';

export interface SavedState {
  readonly run: string;
  readonly step: number;
  readonly tensors: NamedTensors;
  /** Hardware and software that may change bits, a line for each machine that has computed a part of it. */
  readonly machine: string;
}

export function encodeCheckpoint({ run, step, tensors, machine }: SavedState): Uint8Array {
  return encodeSafetensors(tensors, { format, run, step: String(step), machine });
}

/** Throws unless the bytes are that state of that run. */
export function decodeCheckpoint(bytes: Uint8Array, run: string, step: number): SavedState {
  const { tensors, metadata } = decodeSafetensors(bytes);
  const expected = { format, run, step: String(step) };
  for (const [name, value] of Object.entries(expected)) {
    if (metadata[name] === value) continue;
    throw new Error(`its ${name} is ${metadata[name] ?? 'missing'}, not ${value}`);
  }
  return { run, step, tensors, machine: metadata['machine'] ?? '' };
}
