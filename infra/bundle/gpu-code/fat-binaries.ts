/**
 * GPU code in a library: its section .nv_fatbin holds containers, and each of them the same kernels for several
 * architectures. NVIDIA publishes no description; the fields here are those that its own tools show.
 */
import { readOffset, type ByteSource } from './byte-source.js';
import { readSections } from './elf-sections.js';

export interface CodeEntry {
  /** sm_90 is machine code; compute_90 is PTX, which a driver compiles for that architecture and later ones. */
  readonly architecture: string;
  /** The code in the file, without its header. */
  readonly offset: number;
  readonly size: number;
}

interface Container {
  readonly entries: readonly CodeEntry[];
  readonly end: number;
}

const containerMagic = 0xba55ed50;
const containerHeaderBytes = 16;
/** The part of an entry's header that is read; it is longer. */
const entryHeaderBytes = 32;
const alignment = 8;
const kinds: ReadonlyMap<number, string> = new Map([
  [1, 'compute'],
  [2, 'sm'],
]);

/** Entries of every container, in the order of the file; none where the library holds no GPU code. */
export function readCodeEntries(source: ByteSource): readonly CodeEntry[] {
  const sections = readSections(source).filter(({ name }) => name === '.nv_fatbin');
  return sections.flatMap(({ offset, size }) => readContainers(source, offset, offset + size));
}

function readContainers(source: ByteSource, from: number, to: number): readonly CodeEntry[] {
  const entries: CodeEntry[] = [];
  let at = from;
  while (at + containerHeaderBytes <= to) {
    const header = source.read(at, containerHeaderBytes);
    if (header.getUint32(0, true) === 0) at += alignment;
    else {
      const container = readContainer(source, header, at, to);
      entries.push(...container.entries);
      at = Math.ceil(container.end / alignment) * alignment;
    }
  }
  return entries;
}

function readContainer(source: ByteSource, header: DataView, at: number, to: number): Container {
  const headerBytes = header.getUint16(6, true);
  const end = at + headerBytes + readOffset(header, 8);
  if (header.getUint32(0, true) !== containerMagic)
    throw new Error(`GPU code at ${at} begins differently from what is known`);
  if (headerBytes < containerHeaderBytes || end > to)
    throw new Error(`GPU code at ${at} is cut short`);
  const entries: CodeEntry[] = [];
  for (let next = at + headerBytes; next < end;) {
    const entry = readEntry(source, next, end);
    entries.push(entry);
    next = entry.offset + entry.size;
  }
  return { entries, end };
}

function readEntry(source: ByteSource, at: number, end: number): CodeEntry {
  if (at + entryHeaderBytes > end) throw new Error(`GPU code at ${at} is cut short`);
  const header = source.read(at, entryHeaderBytes);
  const kind = header.getUint16(0, true);
  const name = kinds.get(kind);
  if (name === undefined) throw new Error(`GPU code at ${at} is of unknown kind ${kind}`);
  const headerBytes = header.getUint32(4, true);
  const size = readOffset(header, 8);
  if (headerBytes < entryHeaderBytes || at + headerBytes + size > end)
    throw new Error(`GPU code at ${at} is cut short`);
  const architecture = `${name}_${header.getUint32(28, true)}`;
  return { architecture, offset: at + headerBytes, size };
}
