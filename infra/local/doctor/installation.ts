/** Checks the installation: compiled program, server executables and TensorFlow. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { generatedDir, repositoryRoot } from '../../../settings/paths.js';
import type { Device } from '../../../settings/settings.js';
import { postgresBinary } from '../postgres.js';
import { weedBinary } from '../s3.js';
import { temporalBinary } from '../temporal.js';
import { check, failed, passed, type Check } from './check.js';

const run = promisify(execFile);
const setUpHint = 'npm run setup';

function program(): Promise<Check> {
  return check('program', setUpHint, async () => {
    const missing = ['setup.json', 'build/cli/main.js', 'build/worker/main.js'].filter(
      (name) => !existsSync(join(generatedDir, name)),
    );
    if (missing.length === 0) return `compiled, Node ${process.versions.node}`;
    return failed('program', `missing in ${generatedDir}: ${missing.join(', ')}`, setUpHint);
  });
}

function executable(name: string, file: string, argument: string): Promise<Check> {
  return check(`${name} executable`, setUpHint, async () => {
    const { stdout, stderr } = await run(file, [argument], { timeout: 20_000 });
    return (stdout || stderr).trim().split('\n')[0] ?? '';
  });
}

const packages: Readonly<Record<Device, string>> = { cpu: 'tfjs-node', gpu: 'tfjs-node-gpu' };

/** In a process of its own: loading the library takes hundreds of megabytes, and could crash. */
export function engineLibrary(device: Device): Promise<Check> {
  const name = 'engine library';
  const hint = `ISTHMUS_DEVICE=${device} npm run setup`;
  const addon = `node_modules/@tensorflow/${packages[device]}/lib/napi-v8/tfjs_binding.node`;
  const script = `console.log(require(${JSON.stringify(join(repositoryRoot, addon))}).TF_Version)`;
  return check(name, hint, async () => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
    const { stdout } = await run(process.execPath, ['-e', script], { env, timeout: 60_000 });
    return passed(name, `TensorFlow ${stdout.trim()} for ${device}`);
  });
}

export function checkInstallation(device: Device): readonly Promise<Check>[] {
  return [
    program(),
    executable('Temporal', temporalBinary, '--version'),
    executable('Postgres', postgresBinary, '--version'),
    executable('SeaweedFS', weedBinary, 'version'),
    engineLibrary(device),
  ];
}
