/** Environment variables of an engine: those for computing, without access to the database. */
import { semanticVersions } from '../experiment/kinds/index.js';
import { checkpointFolder } from '../settings/paths.js';
import type { Settings } from '../settings/settings.js';
import { computingEnvironment, gpuSwitches } from '../engine/native-environment.js';
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
  { slot, threads, precision }: EnginePlace,
  scratchDir?: string,
): NodeJS.ProcessEnv {
  const { s3, home, dataDir, graphDir, device } = settings;
  const { visible, memoryMb, fallback } = settings.gpu;
  const options: EngineOptions = {
    ...{ s3: { ...s3 }, dataDir, checkpointDir: checkpointFolder(home), graphDir, device, threads },
    versions: semanticVersions,
    ...(fallback === undefined ? {} : { fallback }),
    ...(scratchDir === undefined ? {} : { scratchDir }),
  };
  const passed = ([name]: readonly [string, unknown]): boolean =>
    !withheld.test(name) && (s3.accessKeyId === undefined || !credentialSources.test(name));
  const own = Object.fromEntries(Object.entries(env).filter(passed));
  const choices = { device, threads, precision, memoryMb, visible: slotGpu(visible, slot) };
  return {
    ...computingEnvironment(own, choices),
    [optionsVariable]: JSON.stringify(options),
    // The pinned AWS SDK supports this Node; its notice is about versions to come.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/** The slot's own among the GPUs that this worker was given. */
function slotGpu(visible: readonly string[], slot: number): readonly string[] {
  const own = visible[slot % Math.max(1, visible.length)];
  return own === undefined ? [] : [own];
}

/** Variables of this environment that engines on a GPU are not given, since they might change bits. */
export function withheldSwitches(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env).filter((name) => gpuSwitches.test(name));
}
