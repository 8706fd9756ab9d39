/** A sweep that says nothing sensible, and where: the reader of the file adds its line. */
export class SweepMistake extends Error {
  override readonly name = 'SweepMistake';
  readonly path: readonly PropertyKey[];

  constructor(path: readonly PropertyKey[], message: string) {
    super(message);
    this.path = path;
  }
}
