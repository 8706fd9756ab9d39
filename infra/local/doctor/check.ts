/** One check of `doctor`: what was checked, the result, and what to do if it failed. */
import { UserError } from '../../../experiment/errors.js';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint: string | undefined;
}

export function passed(name: string, detail: string): Check {
  return { name, ok: true, detail, hint: undefined };
}

export function failed(name: string, detail: string, hint?: string): Check {
  return { name, ok: false, detail, hint };
}

const startStack = './isthmus up';

/** Hint for a service that does not answer; `variable` configures its address. */
export function remedy(variable: string | undefined): string {
  return variable === undefined ? startStack : `see that ${variable} is right and its service runs`;
}

/** Whether the check failed because a dependency is down. */
export function isOutage({ ok, hint = '' }: Check): boolean {
  return !ok && (hint === startStack || hint.startsWith('see that ') || hint.includes(' migrate'));
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.trim().split('\n')[0] ?? '';
}

/** Whatever goes wrong while looking is the finding. */
export async function check(
  name: string,
  hint: string,
  look: () => Promise<Check | string>,
): Promise<Check> {
  try {
    const found = await look();
    return typeof found === 'string' ? passed(name, found) : found;
  } catch (error) {
    const own = error instanceof UserError && error.kind === 'usage' ? error.hint : undefined;
    return failed(name, firstLine(error), own ?? hint);
  }
}
