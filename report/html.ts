/** HTML as tagged templates: every value is escaped unless it is HTML already. */

export interface Html {
  readonly html: string;
}

type Value = Html | string | number | readonly Html[];

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const filled = parts.map((part, i) => (i < values.length ? part + render(values[i]!) : part));
  return { html: filled.join('') };
}

/** Text that is markup already; never user text. */
export function trusted(markup: string): Html {
  return { html: markup };
}

export const nothing: Html = trusted('');

/** Its text without the tags, still escaped. */
export function textOf({ html: markup }: Html): string {
  return markup
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function render(value: Value): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return 'html' in value ? value.html : value.map(render).join('');
}
