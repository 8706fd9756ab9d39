/** The table of a detection: every source at both ends of a path. */
import { fixed } from '../numbers.js';
import type { CurveView, DetectionView } from '../view/records.js';
import type { ResultsTable } from './table.js';

/** One row for each attack, backdoor and weight of the adaptive attacker. */
export function detectionTable(
  { name, from, to }: CurveView,
  { name: detector, what, images, series }: DetectionView,
): ResultsTable {
  const at = (measured: string, source: string, x: 0 | 1): number | undefined =>
    series[`${measured}:${source}`]?.find((point) => point.x === x)?.value;
  const sources = Object.keys(series).flatMap((one) => {
    const [measured, source] = one.split(/:(.*)/s);
    return measured === 'auroc' && source !== undefined ? [source] : [];
  });
  const columns = (source: string, x: 0 | 1): readonly string[] => {
    const [low, high] = [at('auroc_low', source, x), at('auroc_high', source, x)];
    return [
      `${fixed(at('auroc', source, x), 3)} [${fixed(low, 3)}, ${fixed(high, 3)}]`,
      fixed(at('auroc_noise', source, x), 3),
      fixed(at('tpr_5', source, x), 1),
      fixed(at('attacked_error', source, x), 1),
    ];
  };
  return {
    title: `${name}: detection by ${detector} (${what}) of the first ${images} test images under attack, with 95 % intervals`,
    head: [
      'source',
      ...[from, to].flatMap((end) => [
        `AUROC, ${end}`,
        `of noise, ${end}`,
        `at 5 % FPR %, ${end}`,
        `fooled %, ${end}`,
      ]),
    ],
    rows: sources.map((source) => [source, ...columns(source, 0), ...columns(source, 1)]),
  };
}
