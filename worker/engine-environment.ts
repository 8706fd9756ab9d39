/** Environment variables of an engine: those for computing, without access to the database. */
import { semanticVersions } from '../experiment/kinds/index.js';
import { checkpointFolder, graphCacheFolder } from '../settings/paths.js';
import type { Settings } from '../settings/settings.js';
import { nativeEnvironment } from '../engine/process/native-environment.js';
import { optionsVariable, type EngineOptions } from '../engine/process/options.js';

const withheld = /^(DATABASE_URL$|AWS_(ACCESS|SECRET|SESSION)|PG|ISTHMUS_|TEMPORAL_)/;
/** Ways to credentials: an engine that is given keys needs none of them. */
const credentialSources = /^AWS_(PROFILE|ROLE_|WEB_IDENTITY_|CONTAINER_|SHARED_CREDENTIALS_)/;

/** One engine among those of a worker. */
export interface EnginePlace {
  readonly slot: number;
  readonly threads: number;
}

export function engineEnvironment(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  { slot, threads }: EnginePlace,
  scratchDir?: string,
): NodeJS.ProcessEnv {
  const { s3, home, dataDir, device } = settings;
  const [checkpointDir, graphDir] = [checkpointFolder(home), graphCacheFolder(home)];
  const options: EngineOptions = {
    ...{ s3: { ...s3 }, dataDir, checkpointDir, graphDir, device, threads },
    versions: semanticVersions,
    ...(scratchDir === undefined ? {} : { scratchDir }),
  };
  const passed = (name: string): boolean =>
    !withheld.test(name) && (s3.accessKeyId === undefined || !credentialSources.test(name));
  return {
    ...Object.fromEntries(Object.entries(env).filter(([name]) => passed(name))),
    [optionsVariable]: JSON.stringify(options),
    ...nativeEnvironment(threads),
    // The pinned AWS SDK supports this Node; its notice is about versions to come.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...(device === 'gpu'
      ? { CUDA_VISIBLE_DEVICES: slotGpu(env['CUDA_VISIBLE_DEVICES'], slot) }
      : {}),
  };
}

/** The slot's own among the GPUs that this worker was given. */
function slotGpu(visible: string | undefined, slot: number): string {
  const given = visible ? visible.split(',') : [];
  return given[slot] ?? String(slot);
}
