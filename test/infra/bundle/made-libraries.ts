/** Small libraries with GPU code, built byte by byte as a linker lays them out. */

interface MadeCode {
  readonly kind: number;
  readonly architecture: number;
  readonly code: Uint8Array;
}

export const machineCode = 2;
const ptx = 1;

const entryHeaderBytes = 64;
const containerHeaderBytes = 16;

function entryOf({ kind, architecture, code }: MadeCode): Uint8Array {
  const bytes = new Uint8Array(entryHeaderBytes + code.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, kind, true);
  view.setUint32(4, entryHeaderBytes, true);
  view.setBigUint64(8, BigInt(code.length), true);
  view.setUint32(28, architecture, true);
  bytes.set(code, entryHeaderBytes);
  return bytes;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

/** Padded to the alignment of the next. */
export function container(codes: readonly MadeCode[]): Uint8Array {
  const entries = joined(codes.map(entryOf));
  const bytes = new Uint8Array(Math.ceil((containerHeaderBytes + entries.length) / 8) * 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xba55ed50, true);
  view.setUint16(4, 1, true);
  view.setUint16(6, containerHeaderBytes, true);
  view.setBigUint64(8, BigInt(entries.length), true);
  bytes.set(entries, containerHeaderBytes);
  return bytes;
}

interface MadeSection {
  readonly name: string;
  readonly content: Uint8Array;
}

const headerBytes = 64;

/** An ELF file: header, contents of the sections, names, section table. */
export function library(sections: readonly MadeSection[]): Uint8Array {
  const names = joined([
    new Uint8Array(1),
    ...[...sections.map(({ name }) => name), '.shstrtab'].map((name) => Buffer.from(`${name}\0`)),
  ]);
  const all = [...sections, { name: '.shstrtab', content: names }];
  const contents = joined(all.map(({ content }) => content));
  const table = new Uint8Array((all.length + 1) * headerBytes);
  let [nameAt, offset] = [1, headerBytes];
  all.forEach(({ name, content }, i) => {
    const view = new DataView(table.buffer, (i + 1) * headerBytes, headerBytes);
    view.setUint32(0, nameAt, true);
    view.setUint32(4, 1, true);
    view.setBigUint64(24, BigInt(offset), true);
    view.setBigUint64(32, BigInt(content.length), true);
    nameAt += name.length + 1;
    offset += content.length;
  });
  return joined([fileHeader(all.length + 1, offset), contents, table]);
}

function fileHeader(sections: number, tableAt: number): Uint8Array {
  const bytes = new Uint8Array(headerBytes);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(40, BigInt(tableAt), true);
  view.setUint16(58, headerBytes, true);
  view.setUint16(60, sections, true);
  view.setUint16(62, sections - 1, true);
  return bytes;
}

/** A library whose two kernels come for sm_80, sm_90 and as PTX; every byte of code tells where it is from. */
export function gpuLibrary(): Uint8Array {
  const code = (value: number): Uint8Array => new Uint8Array(24).fill(value);
  const kernel = (value: number): Uint8Array =>
    container([
      { kind: machineCode, architecture: 80, code: code(value) },
      { kind: machineCode, architecture: 90, code: code(value + 1) },
      { kind: ptx, architecture: 90, code: code(value + 2) },
    ]);
  return library([
    { name: '.text', content: new Uint8Array(40).fill(0x90) },
    { name: '.nv_fatbin', content: joined([kernel(0xa0), new Uint8Array(8), kernel(0xb0)]) },
    { name: '.data', content: new Uint8Array(16).fill(0xdd) },
  ]);
}
