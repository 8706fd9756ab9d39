/** What a schema does not accept, in words: the path, what is wrong there, and the nearest name. */
import { z } from 'zod';
import { nearestOf } from './nearest.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

export interface Mistake {
  readonly path: Path;
  readonly what: string;
}

/** `named`: the path as people should read it. */
export function mistakesOf(
  issue: Issue,
  schema: z.ZodType,
  named: Path = issue.path,
): readonly Mistake[] {
  const where = dotted(named);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      what: unknownKey([...named, key], key, known),
    }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, what: `${where}: not a name: ${issue.issues[0]?.message ?? ''}` }];
  }
  if (issue.code === 'invalid_value') {
    const choices = issue.values.map(String);
    const near = typeof issue.input === 'string' ? nearestOf(issue.input, choices) : '';
    return [{ path: issue.path, what: `${where}: must be one of ${choices.join(', ')}${near}` }];
  }
  if (issue.code === 'invalid_union' && issue.discriminator !== undefined) {
    return [{ path: issue.path, what: `${where}: ${noSuchAlternative(issue)}` }];
  }
  return [{ path: issue.path, what: `${where || 'the file'}: ${lowerFirst(issue.message)}` }];
}

/** The value that tells alternatives apart names none of them. */
function noSuchAlternative(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const options: unknown = 'options' in issue ? issue.options : [];
  const known = Array.isArray(options) ? options.filter((one) => typeof one === 'string') : [];
  const { input } = issue;
  const given = typeof input === 'string' ? nearestOf(input, known) : '';
  return `must be one of ${known.join(', ')}${given}`;
}

function unknownKey(path: Path, key: string, known: readonly string[]): string {
  return `unknown key "${dotted(path)}"${nearestOf(key, known) || ` (known: ${known.join(', ')})`}`;
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly oneOf?: readonly Node[];
}

/** The field names that the schema allows at a path, read from its own JSON Schema. */
function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  let node: Node | undefined = z.toJSONSchema(schema, { io: 'input' }) as Node;
  for (const step of path) {
    const next: Node | boolean | undefined =
      node?.properties?.[String(step)] ?? node?.items ?? node?.additionalProperties;
    node = typeof next === 'object' ? next : undefined;
  }
  return Object.keys(node?.properties ?? {});
}

export function dotted(path: Path): string {
  return path.map(String).join('.');
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
