/** Finds the files that a program loads, by following imports from its entries. */
import { nodeFileTrace } from '@vercel/nft';

/** Native files are placed by native-parts.ts: the tracer would take whole folders of libraries. */
const ignored = ['**/*.node', '**/deps/lib/**'];

interface Start {
  /** Folder that all paths are relative to. */
  readonly root: string;
  readonly entries: readonly string[];
  /** Folder of the program's own files: there an import that leads nowhere is an error. */
  readonly own: string;
}

/** Sorted. Optional parts of packages may be missing; an import of the program itself may not. */
export async function traceModules({ root, entries, own }: Start): Promise<readonly string[]> {
  const { fileList, warnings } = await nodeFileTrace([...entries], {
    base: root,
    processCwd: root,
    ignore: ignored,
  });
  const unresolved = [...warnings].find(({ message }) => message.includes(own));
  if (unresolved !== undefined) throw unresolved;
  return [...fileList].sort();
}
