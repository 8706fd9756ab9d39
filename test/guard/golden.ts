/** Golden text files, compared as they stand; with GUARD_UPDATE=1 what was found takes their place. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isUpdate = process.env['GUARD_UPDATE'] === '1';

/** Lower-case hex sha256. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** By heading (`== name`) the lines below it. */
type Sections = ReadonlyMap<string, readonly string[]>;

/** A golden file, or what stands in its place while it is updated. */
export interface Golden {
  /** Null: there is no such section. */
  expected(name: string, found: readonly string[]): readonly string[] | null;
  readonly names: readonly string[];
  /** To be called at the end. */
  close(): void;
}

/** `names` are all that should be there; an update leaves the sections that were not looked at as they are. */
export function openGolden(file: string, names: readonly string[]): Golden {
  const path = join(import.meta.dirname, file);
  const sections = parse(readFileSync(path, 'utf8'));
  if (!isUpdate) {
    return {
      expected: (name) => sections.get(name) ?? null,
      names: [...sections.keys()],
      close: () => undefined,
    };
  }
  const updated = new Map(sections);
  return {
    expected(name, found) {
      updated.set(name, found);
      return found;
    },
    names,
    close() {
      const present = names.filter((name) => updated.has(name));
      writeFileSync(path, format(new Map(present.map((name) => [name, updated.get(name)!]))));
    },
  };
}

function format(sections: Sections): string {
  return [...sections].map(([name, lines]) => `== ${name}\n${lines.join('\n')}\n`).join('');
}

function parse(text: string): Sections {
  const [, ...parts] = `\n${text}`.split('\n== ');
  return new Map(
    parts.map((part) => {
      const [name, ...lines] = part.trimEnd().split('\n');
      return [name!, lines];
    }),
  );
}
