/** Bytes are not in the format that they should be; whoever knows the file adds its name. */
export class FormatError extends Error {
  override readonly name: string = 'FormatError';
}
