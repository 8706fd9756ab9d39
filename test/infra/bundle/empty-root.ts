/** Runs programs in a root of their own without a network: nothing of this machine is there but what is named. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const isolated = [
  ...['unshare', '--mount', '--net', '--pid', '--fork'],
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
];

/** Why no such root can be made here, or null. */
export function obstacle(): string | null {
  const [file, ...args] = [...isolated, 'mount', '-t', 'tmpfs', 'none', '/mnt'] as const;
  const { status, error, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  if (status === 0) return null;
  return `unshare makes no root without a network here: ${error?.message ?? stderr.trim()}`;
}

/** Mounts the folders read-only (those that begin with a +: writable) in the root, and goes there. */
const script = `set -e
root=$1; shift
mount -t proc none "$root/proc"
for device in null urandom; do
  mount --bind /dev/$device "$root/dev/$device"
done
while [ "$1" != -- ]; do
  case $1 in
    +*) mount --bind "\${1#+}" "$root\${1#+}";;
    *) mount --bind "$1" "$root$1"; mount -o remount,bind,ro "$root$1";;
  esac
  shift
done
shift
exec chroot "$root" "$@"`;

/** What a program in the root says. */
export function runInRoot(
  root: string,
  command: readonly string[],
  folders: readonly string[] = [],
): string {
  for (const folder of ['/proc', '/dev', '/tmp', ...folders.map((name) => name.replace('+', ''))]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const device of ['null', 'urandom']) writeFileSync(join(root, 'dev', device), '');
  const [file, ...args] = [...isolated, 'sh', '-c', script, 'sh', root, ...folders, '--'] as const;
  const { status, stdout, stderr } = spawnSync(file, [...args, ...command], {
    encoding: 'utf8',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      TF_NUM_INTRAOP_THREADS: '1',
      TF_CPP_MIN_LOG_LEVEL: '3',
    },
  });
  if (status === 0) return stdout;
  throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}`);
}

/** Copies the system's libraries that programs ask for: the C and C++ runtime, as every distribution has it. */
export function copySystemLibraries(root: string, programs: readonly string[]): void {
  const listed = execFileSync('ldd', [...programs], { encoding: 'utf8' });
  for (const path of new Set(listed.match(/(?<=\s)\/(?:usr\/)?lib\S+/g))) {
    if (!existsSync(path)) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    copyFileSync(path, join(root, path));
  }
}
