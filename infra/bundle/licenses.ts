/** Names and licences of everything in a bundle, with the texts as files. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';
import { repositoryRoot, toolsDir } from '../../settings/paths.js';
import type { Device } from '../../settings/settings.js';
import { dataEntry, type Entry } from './entry.js';

export interface License {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Its texts. */
  readonly entries: readonly Entry[];
}

interface Texts {
  readonly folder: string;
  readonly names: readonly string[];
}

export function licenses(device: Device, files: readonly string[]): readonly License[] {
  const cuda = device === 'gpu' ? [cudaRuntime()] : [];
  return [isthmus(), node(), tensorflow(device), ...cuda, ...packages(files)];
}

function named(name: string, version: string, license: string, { folder, names }: Texts): License {
  const own = `licenses/${name}-${version}`;
  const entries = names.map((text) => dataEntry(`${own}/${text}`, join(folder, text)));
  return { name, version, license, entries };
}

function isthmus(): License {
  const { name, version, license } = readPackage(repositoryRoot);
  const names = ['LICENSE'];
  return named(name, version, stated(license, names), { folder: repositoryRoot, names });
}

/** Beside the program in archives of nodejs.org, below share/doc in packages of distributions. */
function node(): License {
  const prefix = join(dirname(process.execPath), '..');
  const folders = ['.', 'share/doc/nodejs', 'share/doc/node'].map((name) => join(prefix, name));
  const folder = folders.find((name) => existsSync(join(name, 'LICENSE')));
  if (folder === undefined) {
    const places = folders.map((name) => join(name, 'LICENSE')).join(', ');
    throw new UserError('failed', `the licence of Node, which goes along, is in none of ${places}`);
  }
  return named('node', process.versions.node, 'MIT', { folder, names: ['LICENSE'] });
}

function tensorflow(device: Device): License {
  const folder = join(toolsDir, `tensorflow-${device}`);
  const names = ['LICENSE', 'THIRD_PARTY_NOTICES.txt'];
  return named('tensorflow', pinnedVersion(folder), 'Apache-2.0', { folder, names });
}

function cudaRuntime(): License {
  const folder = join(toolsDir, 'cuda-runtime');
  const license = 'NVIDIA CUDA Toolkit End User License Agreement';
  return named('cuda-runtime', pinnedVersion(folder), license, { folder, names: ['License.txt'] });
}

/** Set-up leaves the pin beside what it unpacked. */
function pinnedVersion(folder: string): string {
  const pin = readFileSync(join(folder, 'pin.txt'), 'utf8');
  const version = /^[^=]+==(\S+)/.exec(pin)?.[1];
  if (version === undefined) throw new Error(`${folder}/pin.txt names no version`);
  return version;
}

const packageFile = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().optional(),
});

function readPackage(folder: string): z.infer<typeof packageFile> {
  const text = readFileSync(join(folder, 'package.json'), 'utf8');
  return packageFile.parse(JSON.parse(text));
}

/** npm packages of which a file is in the bundle; one that is installed twice in a version is named once. */
function packages(files: readonly string[]): readonly License[] {
  const folders = new Set(files.flatMap((path) => packageRoot(path) ?? []));
  const found = [...folders].map((path) => npmPackage(join(repositoryRoot, path)));
  const byName = new Map(found.map((own) => [`${own.name} ${own.version}`, own]));
  return [...byName.keys()].sort().map((key) => byName.get(key)!);
}

function packageRoot(path: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

function npmPackage(folder: string): License {
  const { name, version, license } = readPackage(folder);
  const names = readdirSync(folder)
    .filter((text) => /^(licen[cs]e|notice|copying)/i.test(text))
    .sort();
  return named(name, version, stated(license, names), { folder, names });
}

/** A few packages name theirs in its text alone. */
function stated(license: string | undefined, texts: readonly string[]): string {
  return license ?? (texts.length > 0 ? `see ${texts.join(', ')}` : 'not stated');
}
