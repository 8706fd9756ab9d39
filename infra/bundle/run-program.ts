/** Programs that making a bundle calls. */
import { execFile, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { UserError } from '../../experiment/errors.js';

const run = promisify(execFile);

/** Throws a one-line UserError where the program is missing. */
export async function requireProgram(name: string, remedy: string): Promise<void> {
  await run(name, ['--version']).catch((cause: unknown) => {
    throw new UserError('failed', `${name} is missing: ${remedy}`, { cause });
  });
}

/** Standard output of a program that is given `input`; throws its last line of standard error where it fails. */
export async function programOutput(
  [file, ...args]: readonly [string, ...string[]],
  { signal, input = '' }: { readonly signal: AbortSignal; readonly input?: string },
): Promise<string> {
  const child = spawn(file, args, { signal, stdio: ['pipe', 'pipe', 'pipe'] });
  // A program that ends before it has read its input is told by its exit code.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const ended = new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killer) => resolve(code ?? killer));
  });
  const [output, errors, code] = await Promise.all([
    ...[text(child.stdout), text(child.stderr)],
    ended,
  ] as const);
  if (code === 0) return output;
  const why = errors.trim().split('\n').at(-1);
  throw new UserError('failed', `${file} ${args[0] ?? ''} failed (${code}): ${why}`);
}
