/** Environment variables of an engine: those for computing, without access to the database. */
import { semanticVersions } from '../experiment/kinds/index.js';
import { checkpointFolder } from '../settings/paths.js';
import type { Settings } from '../settings/settings.js';
import { gpuEnvironment, gpuSwitches, nativeEnvironment } from '../engine/native-environment.js';
import type { EngineMode } from './engine-slot.js';
import { optionsVariable, type EngineOptions } from '../engine/process/options.js';

const withheld = /^(DATABASE_URL$|AWS_(ACCESS|SECRET|SESSION)|PG|ISTHMUS_|TEMPORAL_)/;
/** Ways to credentials: an engine that is given keys needs none of them. */
const credentialSources = /^AWS_(PROFILE|ROLE_|WEB_IDENTITY_|CONTAINER_|SHARED_CREDENTIALS_)/;

/** One engine among those of a worker. */
export interface EnginePlace extends EngineMode {
  readonly slot: number;
}

export function engineEnvironment(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  place: EnginePlace,
  scratchDir?: string,
): NodeJS.ProcessEnv {
  const { s3, home, dataDir, graphDir, device } = settings;
  const { threads } = place;
  const { fallback } = settings.gpu;
  const options: EngineOptions = {
    ...{ s3: { ...s3 }, dataDir, checkpointDir: checkpointFolder(home), graphDir, device, threads },
    versions: semanticVersions,
    ...(fallback === undefined ? {} : { fallback }),
    ...(scratchDir === undefined ? {} : { scratchDir }),
  };
  const passed = (name: string): boolean =>
    !withheld.test(name) &&
    (s3.accessKeyId === undefined || !credentialSources.test(name)) &&
    (device === 'cpu' || !gpuSwitches.test(name));
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => passed(name))),
    [optionsVariable]: JSON.stringify(options),
    ...nativeEnvironment(threads),
    // The pinned AWS SDK supports this Node; its notice is about versions to come.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(device === 'gpu' ? slotGpu(settings, place) : {}),
  };
}

/** The slot's own among the GPUs that this worker was given, as nvidia-smi numbers them. */
function slotGpu(
  { gpu: { visible, memoryMb } }: Settings,
  { slot, precision }: EnginePlace,
): NodeJS.ProcessEnv {
  return {
    ...gpuEnvironment({ precision, memoryMb }),
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: visible[slot % Math.max(1, visible.length)] ?? '',
  };
}

/** Variables of this environment that engines on a GPU are not given, since they might change bits. */
export function withheldSwitches(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env).filter((name) => gpuSwitches.test(name));
}
