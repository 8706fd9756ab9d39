/** Names of runs, such as `attack/A-B/pgd-10@model=mlp`: the one place that formats and parses them. */

export interface RunName {
  /** Kind or part of a kind: `endpoint`, `attack`, `weight-spectrum`. */
  readonly prefix: string;
  /** Endpoint or curve that it is about, or a number. */
  readonly subject: string;
  /** Which of several about the same subject: an attack's name, `line`, `alone`. */
  readonly part: string | null;
}

export function runName(prefix: string, subject: string, part: string | null = null): RunName {
  return { prefix, subject, part };
}

/** `prefix/subject` or `prefix/subject/part`. */
export function formatRunName({ prefix, subject, part }: RunName): string {
  return part === null ? `${prefix}/${subject}` : `${prefix}/${subject}/${part}`;
}

export function parseRunName(text: string): RunName {
  const [prefix = '', subject = '', part = null] = text.split('/');
  return { prefix, subject, part };
}

/** A name and the label that a sweep appended: `A@seed=1,model=mlp` is `A` with the label `seed=1,model=mlp`. */
export interface LabelledName {
  readonly source: string;
  readonly label: string | null;
}

export function splitLabel(name: string): LabelledName {
  const [source = '', label = null] = name.split(/@(.*)/s);
  return { source, label };
}

/** The name that the file gives an entry. */
export function sourceName(name: string): string {
  return splitLabel(name).source;
}

/** Appends a label to the last part of a name, which may have one already; an empty label changes nothing. */
export function appendLabel(name: string, label: string): string {
  if (label === '') return name;
  const last = name.slice(name.lastIndexOf('/') + 1);
  return `${name}${last.includes('@') ? ',' : '@'}${label}`;
}

/** Every name by which an entry may be asked for: before the axes of each sweep, and its own. */
export function acceptedNames(name: string): readonly string[] {
  const ends = [...name.matchAll(/@/g)].map(({ index }) => name.slice(0, index));
  return [...ends, name];
}
