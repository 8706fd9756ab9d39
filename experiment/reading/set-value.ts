/** The value of `--set path=value`: YAML, read like a file. */
import type { Node } from 'yaml';
import { UserError } from '../errors.js';
import { createBudget } from './budget.js';
import { shortened } from './shorten.js';
import { Unreadable } from './unreadable.js';
import { readYaml } from './yaml.js';

/** Throws a `usage` UserError for what is no YAML. */
export function readValue(assignment: string, from: number): Node | null {
  try {
    return readYaml(assignment.slice(from), createBudget()).document.contents;
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    const what = `the value is not valid YAML (${cause.message})`;
    throw new UserError('usage', `--set ${shortened(assignment)}: ${what}`, { cause });
  }
}
