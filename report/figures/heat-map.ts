/** The transfer of an attack between the places of a path as a heat map. */
import { html } from '../html.js';
import type { CurveView } from '../view/records.js';
import type { HeatMap } from './figure.js';

/** Rows: where the attack was crafted; columns: where its images were classified. */
export function transferMaps({ name, fitted: { transfer } }: CurveView): readonly HeatMap[] {
  if (!transfer) return [];
  const rows = [...transfer.errors];
  const caption = html`Transfer of ${transfer.attack} along ${name}: error in % of the first
  ${transfer.images} test images attacked at one t (rows) and classified at another (columns). The
  diagonal is the attack itself; the stronger the shade, the higher.`;
  return [
    {
      ...{ kind: 'heat', curve: name, source: 'transfer', topic: 'transfer', caption, doubts: [] },
      title: `Transfer of ${transfer.attack} along ${name}`,
      corner: 'crafted at t ↓ · classified at t →',
      columns: rows[0]?.[1].map(({ x }) => x) ?? [],
      rows: rows.map(([at, points]) => ({ at, values: points.map(({ value }) => value) })),
    },
  ];
}
