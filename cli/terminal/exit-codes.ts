/** Exit codes of the commands, for scripts. */
import type { UserErrorKind } from '../../experiment/errors.js';

export const exitCodes = {
  ok: 0,
  error: 1,
  usage: 2,
  someRunsFailed: 3,
  cancelled: 4,
  dependencyDown: 5,
  /** 128 + SIGINT: the terminal let go, the experiment goes on. */
  detached: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function exitCodeFor(kind: UserErrorKind): ExitCode {
  switch (kind) {
    case 'bad-input':
    case 'failed':
      return exitCodes.error;
    case 'usage':
      return exitCodes.usage;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'dependency-down':
      return exitCodes.dependencyDown;
    default: {
      const missed: never = kind;
      throw new TypeError(`no exit code for ${String(missed)}`);
    }
  }
}
