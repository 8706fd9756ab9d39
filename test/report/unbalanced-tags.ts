/** Tags of an HTML page that are closed in the wrong order or not at all; attributes must be quoted. */
const voids = new Set(['meta', 'hr', 'br', 'link', 'img']);

export function unbalancedTags(page: string): readonly string[] {
  const wrong: string[] = [];
  const open: string[] = [];
  const body = page
    .replace(/<!doctype html>/, '')
    .replace(/<style>[^<]*<\/style>/, '')
    .replaceAll(
      /<(\/?)([a-zA-Z][a-zA-Z0-9]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(\/?)>/g,
      (_, close: string, name: string, _attributes, self: string) => {
        if (close) {
          if (open.pop() !== name) wrong.push(`</${name}>`);
        } else if (!self && !voids.has(name)) {
          open.push(name);
        }
        return '';
      },
    );
  if (/[<>]/.test(body)) wrong.push(/.{0,30}[<>].{0,30}/.exec(body)![0]);
  return [...wrong, ...open.map((name) => `<${name}>`)];
}
