declare module 'oled-font-5x7' {
  const font: {
    readonly width: number;
    readonly height: number;
    /** A byte for each column of a character, the lowest bit on top. */
    readonly fontData: readonly number[];
    /** The characters, in the order of their columns. */
    readonly lookup: readonly string[];
  };
  export default font;
}
