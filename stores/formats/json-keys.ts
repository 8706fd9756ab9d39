/** Names of a JSON object that occur twice: JSON.parse keeps the last of them without a word. */

/** The first name that the object at the top has twice, or null. The text is valid JSON. */
export function duplicateKey(text: string): string | null {
  const seen = new Set<string>();
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '{' || letter === '[') depth += 1;
    else if (letter === '}' || letter === ']') depth -= 1;
    else if (letter === '"') {
      const end = stringEnd(text, at);
      if (depth === 1 && isKey(text, end)) {
        const name = JSON.parse(text.slice(at, end)) as string;
        if (seen.has(name)) return name;
        seen.add(name);
      }
      at = end - 1;
    }
  }
  return null;
}

/** Past the closing quote of the string that begins there. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** A colon follows. */
function isKey(text: string, end: number): boolean {
  let at = end;
  while (at < text.length && ' \t\n\r'.includes(text[at]!)) at += 1;
  return text[at] === ':';
}
