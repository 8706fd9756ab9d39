/** One answer of `doctor`: what was looked at, whether it is as it should be, and what to do if not. */
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
    return failed(name, firstLine(error), hint);
  }
}
