/** Messages that stay short, whatever a file holds. */

/** At most `most` characters, with an escape for each control character: a terminal must not obey a file. */
export function shortened(text: string, most = 100): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  return cut.replace(/\p{Cc}|\p{Cs}/gu, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

export const mostListed = 10;

/** `a, b, c and 12 more`. */
export function listed(names: readonly string[], most = mostListed): string {
  const shown = names.slice(0, most).map((name) => shortened(name));
  const left = names.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}
