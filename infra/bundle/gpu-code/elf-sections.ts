/** Section table of a 64-bit little-endian ELF file. */
import { readOffset, type ByteSource } from './byte-source.js';

export interface Section {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

const fileHeaderBytes = 64;
const sectionHeaderBytes = 64;
/** SHT_NOBITS: it takes no room in the file. */
const noBits = 8;

interface SectionHeader extends Omit<Section, 'name'> {
  readonly nameAt: number;
  readonly type: number;
}

/** Throws for what is no such file, or is cut short. */
export function readSections(source: ByteSource): readonly Section[] {
  const { tableAt, count, namesIndex } = readFileHeader(source);
  const table = source.read(tableAt, count * sectionHeaderBytes);
  const headers = Array.from({ length: count }, (_, i) => readSectionHeader(table, i));
  const names = headers[namesIndex];
  if (names === undefined) throw new Error('the ELF file names no table of section names');
  const text = source.read(names.offset, names.size);
  return headers
    .filter(({ type }) => type !== noBits)
    .map(({ nameAt, offset, size }) => {
      if (offset + size > source.size) throw new Error('a section of the ELF file is cut short');
      return { name: nameIn(text, nameAt), offset, size };
    });
}

function readFileHeader(source: ByteSource) {
  if (source.size < fileHeaderBytes) throw new Error('no ELF file: it is too short');
  const header = source.read(0, fileHeaderBytes);
  if (header.getUint32(0) !== 0x7f454c46) throw new Error('no ELF file: it begins differently');
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1)
    throw new Error('the ELF file is not 64-bit little-endian');
  const count = header.getUint16(60, true);
  if (header.getUint16(58, true) !== sectionHeaderBytes || count === 0)
    throw new Error('the ELF file has no section table that can be read');
  return { tableAt: readOffset(header, 40), count, namesIndex: header.getUint16(62, true) };
}

function readSectionHeader(table: DataView, index: number): SectionHeader {
  const at = index * sectionHeaderBytes;
  return {
    nameAt: table.getUint32(at, true),
    type: table.getUint32(at + 4, true),
    offset: readOffset(table, at + 24),
    size: readOffset(table, at + 32),
  };
}

function nameIn(text: DataView, at: number): string {
  let end = at;
  while (text.getUint8(end) !== 0) end++;
  return new TextDecoder().decode(new Uint8Array(text.buffer, text.byteOffset + at, end - at));
}
