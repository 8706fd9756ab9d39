/** The local stack as the command line and the tests use it. */
export { up, type UpOptions } from './up.js';
export { down } from './down.js';
export { doctor, isOutage, type Check } from './doctor/index.js';
export { status, type PartStatus, type StackStatus } from './status.js';
export type { PartName, Say } from './part.js';
