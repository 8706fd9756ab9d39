/** The workflows that a worker on the control queue serves, under the names that Temporal knows. */
export { batch } from './batch.js';
export { experiment } from './experiment.js';
