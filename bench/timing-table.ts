/** Measured rows as a table: medians, minima, quartiles, and ratios beside their bars. */
import type { Measured } from './alternate.js';
import { markdownTable } from './markdown.js';
import { variants, type Variant } from './request.js';
import { bfloat16Bars } from './rows.js';
import { compareRounds, summariseRounds, type Ratio, type Rounds } from './spread.js';

export function timingTable(measured: readonly Measured[]): string {
  const compared = variants.filter((variant) => measured.some(({ others }) => others[variant]));
  const head = [
    'batch 128, ms: median (quartiles; min)',
    'Isthmus',
    ...compared.map((variant) => `PyTorch ${variant}`),
    ...compared.map((variant) => `times as fast as ${variant} (rounds)`),
  ];
  const body = measured.map(({ row, own, others }) => [
    row.title,
    times(own),
    ...compared.map((variant) => times(others[variant]!)),
    ...compared.map((variant) =>
      against(compareRounds(others[variant]!, own), targetRatio(row.bars, variant)),
    ),
  ]);
  return markdownTable(head, body);
}

function targetRatio(bars: Measured['row']['bars'], variant: Variant): number | null {
  return bars === null ? null : bars[variant];
}

function times(rounds: Rounds): string {
  const { median, lowerQuartile, upperQuartile, min } = summariseRounds(rounds);
  return `${short(median)} (${short(lowerQuartile)} to ${short(upperQuartile)}; ${short(min)})`;
}

/** Three significant digits. */
function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function against({ value, low, high }: Ratio, bar: number | null): string {
  const found = `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (bar === null) return found;
  return `${found}, ${value >= bar ? 'meets' : 'MISSES'} ${bar.toFixed(1)}`;
}

/** Our bf16 against our float32; empty where not both were measured. */
export function precisionTable(measured: readonly Measured[]): string {
  const find = (model: string, own: string, precision: string): Measured | undefined =>
    measured.find(
      ({ row }) => row.model === model && row.own === own && row.precision === precision,
    );
  const body = bfloat16Bars.flatMap(({ model, own, bar }) => {
    const full = find(model, own, 'float32');
    const half = find(model, own, 'bfloat16');
    if (full === undefined || half === undefined) return [];
    return [[`${model} ${own}`, against(compareRounds(full.own, half.own), bar)]];
  });
  return body.length === 0 ? '' : markdownTable(['bf16', 'times as fast as our float32'], body);
}
