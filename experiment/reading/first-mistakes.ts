/** The first mistakes that a schema finds, in words; one that a sweep repeats counts once. */
import type { z } from 'zod';
import { describeIssue, type Issue, type Mistake } from './mistakes.js';

type Path = readonly PropertyKey[];

export interface Told {
  readonly mistakes: readonly Mistake[];
  /** How many are not told. */
  readonly more: number;
}

interface Place {
  /** Where it is written. */
  readonly at: Path;
  /** The path as people should read it. */
  readonly field: Path;
}

const mostTold = 20;

export function firstMistakes(
  issues: readonly Issue[],
  schema: z.ZodType,
  place: (path: Path) => Place,
): Told {
  const known = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const issue of pieces(issues)) {
    const key = issue.code === 'unrecognized_keys' ? issue.keys : [];
    const { at, field } = place([...issue.path, ...key]);
    const identity = mistakeIdentity(issue, at, field);
    if (known.has(identity)) continue;
    known.add(identity);
    if (known.size > mostTold) continue;
    const named = key.length === 0 ? field : field.slice(0, -1);
    for (const { what } of describeIssue(issue, schema, named)) mistakes.push({ path: at, what });
  }
  return { mistakes, more: Math.max(0, known.size - mostTold) };
}

/** One for each unknown key, of which a file may have many thousand; the message of the whole lists them all. */
function* pieces(issues: readonly Issue[]): Generator<Issue> {
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') yield issue;
    else for (const key of issue.keys) yield { ...issue, keys: [key], message: '' };
  }
}

function mistakeIdentity(issue: Issue, at: Path, field: Path): string {
  const { code, message, input } = issue;
  const given = typeof input === 'string' ? input : '';
  return [code, message, given, at.map(String).join('.'), field.map(String).join('.')].join('\n');
}
