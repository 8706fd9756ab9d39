/** The local stack as the command line and the tests use it. */
export { up } from './up.js';
export { down } from './down.js';
export { doctor, isOutage, type Check } from './doctor/index.js';
export { examineDevice } from './doctor/device.js';
export { status, type StackStatus } from './status.js';
export type { PartName } from './part.js';
