/** The workflows that a worker on the control queue serves, under the names that Temporal knows. */
export { experiment } from './experiment.js';
