/** Bounds of a user's data set: an engine holds all of it in memory. */

/** Most bytes of the pixels of a set, one byte each. */
export const mostPixelBytes = 1e9;
/** Most bytes of one array in a file: pixels may come as float64. */
export const mostArrayBytes = 2 ** 32;
export const mostSide = 1024;
export const mostChannels = 64;
/** Whole files that are read at once. */
export const mostFileBytes = 2 ** 31 - 1;
