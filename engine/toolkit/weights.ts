/** Loads and saves weights as safetensors, with the layout in their metadata. */
import type { ArtifactRef, RunInput } from '../../experiment/records/records.js';
import type { Role } from '../../experiment/specs/role.js';
import type { Model } from '../../numerics/models/model.js';
import {
  parameterSize,
  type ParameterSpec,
  type ParameterValues,
} from '../../numerics/models/parameters.js';
import { decodeSafetensors } from '../../stores/formats/safetensors.js';
import { unpackSparse } from '../../stores/formats/sparse-tensors.js';
import { encodeWeights } from '../../stores/formats/weights-file.js';
import type { EngineContext } from './context.js';

/** Stores sets of the given tensors (the parameters, unless told) under name prefixes (`''` for one set, `bend1.` … for several); compact without their zeros. */
export async function saveWeights(
  context: EngineContext,
  model: Model,
  sets: ReadonlyMap<string, ParameterValues>,
  specs: readonly ParameterSpec[] = model.parameters,
  isCompact = false,
): Promise<ArtifactRef> {
  return context.blobs.put(encodeWeights(model.name, specs, sets, isCompact));
}

/** The set of one prefix; throws when a tensor is missing or of another shape. */
export async function loadWeights(
  context: EngineContext,
  model: Model,
  ref: ArtifactRef,
  prefix = '',
  specs: readonly ParameterSpec[] = model.parameters,
): Promise<ParameterValues> {
  const { tensors } = unpackSparse(decodeSafetensors(await context.blobs.get(ref)));
  return new Map(
    specs.map((spec) => {
      const data = tensors.get(`${prefix}${spec.name}`)?.data;
      if (data instanceof Float32Array && data.length === parameterSize(spec))
        return [spec.name, data];
      throw new Error(`artifact ${ref.digest} holds no ${prefix}${spec.name} of ${model.name}`);
    }),
  );
}

/** The output of that name of the run that plays that role. */
export function inputArtifact(
  inputs: readonly RunInput[],
  role: Role,
  output: string,
): ArtifactRef {
  const ref = inputs.find((input) => input.role === role)?.outputs[output];
  if (ref === undefined) throw new Error(`the job has no input "${output}" of the ${role}`);
  return ref;
}
