/** Reads the dynamic linker's log under LD_DEBUG=libs: which libraries were asked for, and where each was found. */

export interface Sought {
  readonly library: string;
  /** Null: nowhere. */
  readonly path: string | null;
}

const asked = /find library=(\S+) \[/;
const tried = /trying file=(\S+)/;
const loaded = /calling init: (\S+)/;

/** In the order in which they were asked for. The log of one process; threads of it may interleave. */
export function soughtLibraries(log: string): readonly Sought[] {
  const candidates = new Map<string, string[]>();
  const begun = new Set<string>();
  let current: string[] = [];
  for (const line of log.split('\n')) {
    const [, library] = asked.exec(line) ?? [];
    const [, file] = tried.exec(line) ?? [];
    const [, path] = loaded.exec(line) ?? [];
    if (library !== undefined) {
      current = candidates.get(library) ?? [];
      candidates.set(library, current);
    }
    if (file !== undefined) current.push(file);
    if (path !== undefined) begun.add(path);
  }
  return [...candidates].map(([library, files]) => ({
    library,
    path: files.find((file) => begun.has(file)) ?? null,
  }));
}
