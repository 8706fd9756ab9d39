/** Object keys of blobs and manifests in the bucket. */
export const blobPrefix = 'blobs/sha256/';

export function blobKey(digest: string): string {
  return `${blobPrefix}${checkedHex(digest).slice(0, 2)}/${digest.slice(2)}`;
}

/** Null for anything that no blob is called. */
export function digestOfKey(key: string): string | null {
  const match = /^blobs\/sha256\/([0-9a-f]{2})\/([0-9a-f]{62})$/.exec(key);
  return match ? `${match[1]}${match[2]}` : null;
}

export function manifestKey(run: string): string {
  return `runs/${checkedHex(run)}/manifest.json`;
}

/** Nothing else becomes part of a key. */
function checkedHex(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new TypeError(`not a sha256 in lower-case hex: ${JSON.stringify(text)}`);
}
