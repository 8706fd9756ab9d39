/** Dotted paths, as `--set` and the axes of sweeps write them, where names may contain dots themselves. */

/** Whether the map at this path has a field or entry of that name. */
export type HasName = (at: readonly string[], name: string) => boolean;

/** The steps of `attacks.pgd-0.1.steps`: at each level the longest name that exists wins; else dots separate. */
export function splitDottedPath(dotted: string, hasName: HasName): readonly string[] {
  const parts = dotted.split('.');
  const steps: string[] = [];
  for (let from = 0; from < parts.length;) {
    let to = parts.length;
    while (to > from + 1 && !hasName(steps, parts.slice(from, to).join('.'))) to--;
    steps.push(parts.slice(from, to).join('.'));
    from = to;
  }
  return steps;
}
