/** Measured rows as a table: medians, minima, quartiles, and ratios beside their bars. */
import type { Measured } from './alternate.js';
import { markdownTable } from './markdown.js';
import { variants } from './request.js';
import { bfloat16Bars } from './rows.js';
import { compareRounds, summariseRounds, type Ratio, type Rounds } from './spread.js';

/** `hasAmx`: without it the bars of bf16 are not for this processor. */
export function timingTable(measured: readonly Measured[], hasAmx: boolean): string {
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
      against(
        compareRounds(others[variant]!, own),
        variant === 'tuned' ? barFor(row, hasAmx) : null,
      ),
    ),
  ]);
  return markdownTable(head, body);
}

/** A ratio to reach, why there is no verdict, or null where a figure is for information. */
type Bar = number | typeof withoutAmx | null;
const withoutAmx = 'no AMX here';

function barFor({ bar, needsAmx }: Measured['row'], hasAmx: boolean): Bar {
  return bar !== null && needsAmx && !hasAmx ? withoutAmx : bar;
}

/** Milliseconds: median, quartiles and minimum. */
export function times(rounds: Rounds): string {
  const { median, lowerQuartile, upperQuartile, min } = summariseRounds(rounds);
  return `${short(median)} (${short(lowerQuartile)} to ${short(upperQuartile)}; ${short(min)})`;
}

/** Three significant digits. */
function short(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function against({ value, low, high }: Ratio, bar: Bar): string {
  const found = `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (bar === null) return found;
  if (bar === withoutAmx) return `${found}, ${bar}`;
  return `${found}, ${value >= bar ? 'meets' : 'MISSES'} ${bar}`;
}

/** Our bf16 against our float32; empty where not both were measured. */
export function precisionTable(measured: readonly Measured[], hasAmx: boolean): string {
  const find = (model: string, own: string, precision: string): Measured | undefined =>
    measured.find(
      ({ row }) => row.model === model && row.own === own && row.precision === precision,
    );
  const body = bfloat16Bars.flatMap(({ model, own, bar }) => {
    const full = find(model, own, 'float32');
    const half = find(model, own, 'bfloat16');
    if (full === undefined || half === undefined) return [];
    return [
      [`${model} ${own}`, against(compareRounds(full.own, half.own), hasAmx ? bar : withoutAmx)],
    ];
  });
  return body.length === 0 ? '' : markdownTable(['bf16', 'times as fast as our float32'], body);
}
