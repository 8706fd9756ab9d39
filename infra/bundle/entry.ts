/** A file of a bundle and where its bytes come from. */
export interface Entry {
  /** In the unpacked bundle. */
  readonly path: string;
  readonly source: string;
  readonly executable: boolean;
}

export function dataEntry(path: string, source: string): Entry {
  return { path, source, executable: false };
}
