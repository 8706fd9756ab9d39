/** Reads data back from a panel that is drawn as SVG: the labels of its axis give the scale. */

export interface Place {
  readonly t: number;
  readonly value: number;
}

/** The panels of a file, in order. */
export function panelsIn(svg: string): readonly string[] {
  return svg.split('mark-group role-frame').slice(1);
}

/** The points that have this colour. */
export function pointsIn(panel: string, colour: string): readonly Place[] {
  const symbol = new RegExp(
    `transform="translate\\(([^)]*)\\)" d="M[^"]*A[^"]*" fill="${colour}"`,
    'g',
  );
  return [...panel.matchAll(symbol)].map(([, at]) => placeAt(panel, at!));
}

/** The corners of the area that has this colour: along its upper edge, and back along the lower one. */
export function areaIn(panel: string, colour: string): readonly Place[] {
  const area = new RegExp(`<path d="M([^"Z]*)Z" fill="${colour}" opacity="0.2"`).exec(panel);
  return area === null ? [] : area[1]!.split('L').map((at) => placeAt(panel, at));
}

function placeAt(panel: string, at: string): Place {
  const [x, y] = at.split(',').map(Number) as [number, number];
  const [first, last] = [axis(panel).at(0)!, axis(panel).at(-1)!];
  const perPixel = (last.value - first.value) / (last.y - first.y);
  return { t: x / 300, value: first.value + (y - first.y) * perPixel };
}

/** Labels of the y axis stand 3 pixels below their places. */
function axis(panel: string): readonly { readonly y: number; readonly value: number }[] {
  const label = /text-anchor="end" transform="translate\(-4,([-\d.]+)\)"[^>]*>([^<]*)</g;
  return [...panel.matchAll(label)].map(([, y, text]) => ({
    y: Number(y) - 3,
    value: Number(text!.replace('−', '-').replaceAll(',', '')),
  }));
}
