/** Golden text files, compared as they stand or written anew when GUARD_UPDATE=1 is set. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const isUpdate = process.env['GUARD_UPDATE'] === '1';

/** Lower-case hex sha256. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** By heading (`== name`) the lines below it. */
export type Sections = ReadonlyMap<string, readonly string[]>;

/** The file's sections; when it is to be written anew, those that were found, after writing them. */
export function goldenSections(name: string, found: Sections): Sections {
  const path = join(import.meta.dirname, name);
  if (isUpdate) {
    writeFileSync(path, format(found));
    return found;
  }
  return existsSync(path) ? parse(readFileSync(path, 'utf8')) : new Map();
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
