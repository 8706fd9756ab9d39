/** Lines of comma-separated values (RFC 4180). */

export function csvLine(fields: readonly string[]): string {
  return fields.map(quoted).join(',');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
