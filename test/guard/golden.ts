/** Golden text files, compared as they stand or written anew when GUARD_UPDATE=1 is set. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const isUpdate = process.env['GUARD_UPDATE'] === '1';

/** Lower-case hex sha256. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** By heading (`== name`) the lines below it. */
type Sections = ReadonlyMap<string, readonly string[]>;

/** A golden file, or what stands in its place while it is written anew. */
export interface Golden {
  /** Null: there is no such section. */
  expected(name: string, found: readonly string[]): readonly string[] | null;
  names(found: readonly string[]): readonly string[];
  /** To be called at the end. */
  close(): void;
}

export function openGolden(file: string): Golden {
  const path = join(import.meta.dirname, file);
  if (!isUpdate) {
    const sections = parse(readFileSync(path, 'utf8'));
    return {
      expected: (name) => sections.get(name) ?? null,
      names: () => [...sections.keys()],
      close: () => undefined,
    };
  }
  const sections = new Map<string, readonly string[]>();
  return {
    expected(name, found) {
      sections.set(name, found);
      return found;
    },
    names: (found) => found,
    close: () => writeFileSync(path, format(sections)),
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
