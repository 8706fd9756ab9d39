/** Colours of a stream: on a terminal that shows them, unless NO_COLOR; FORCE_COLOR asks for them elsewhere. */
import pc from 'picocolors';
import type { Environment } from '../../settings/variables.js';

export type Colours = ReturnType<typeof pc.createColors>;

/** CI is no reason for colours: what a pipeline searches or keeps is plain text. */
export function createColours(stream: { readonly isTTY?: boolean }, env: Environment): Colours {
  const forced = env['FORCE_COLOR'];
  const shows = Boolean(stream.isTTY) && env['TERM'] !== 'dumb';
  return pc.createColors(!env['NO_COLOR'] && (forced ? forced !== '0' : shows));
}

/** Colours of standard output. */
export const stdoutColours = createColours(process.stdout, process.env);
