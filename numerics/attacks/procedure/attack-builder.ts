/** From a planned attack method to the procedures and passes that make it up. */
import type { AttackParts, ImageShape } from './attack.js';

/** `shape` is that of the images; the runner's caller adds the black-box check, the threat model and the seed. */
export type AttackBuilder<Method> = (method: Method, shape: ImageShape) => AttackParts;
