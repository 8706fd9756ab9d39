/** Plans of growing size, made in this process. */
import { performance } from 'node:perf_hooks';
import { parseExperiment } from '../../experiment/file/document.js';
import { planExperiment } from '../../experiment/plan/plan.js';
import { sha256 } from '../../stores/sha256.js';
import type { ScaleResult } from '../request.js';
import type { PlanningDimension } from './dimensions.js';

const texts: Readonly<Record<PlanningDimension, (size: number) => string>> = {
  planned: (count) => text({ probes: { count, chain: 10 } }),
  sweep: (cases) => {
    const seeds = (from: number) => Array.from({ length: cases }, (_, i) => from + i);
    const endpoint = (from: number) => ({ epochs: 1, sweep: { grid: { seed: seeds(from) } } });
    return text({
      endpoints: { A: endpoint(1), B: endpoint(1_000_001) },
      curves: { 'A-B': { from: 'A', to: 'B', epochs: 1, sweep: { pair: 'index' } } },
      attacks: { pgd: { steps: 5, images: 200, points: 5, epsilon: 0.1, stepSize: 0.04 } },
    });
  },
};

/** YAML, of which JSON is a part. */
function text(sections: object): string {
  return JSON.stringify({ name: 'plan', dataset: 'mnist', model: 'cnn-small', ...sections });
}

export function measurePlanning(
  dimension: PlanningDimension,
  size: number,
  samples: number,
): ScaleResult {
  const file = texts[dimension](size);
  const timed = (): number => {
    const begunMs = performance.now();
    planExperiment(parseExperiment(file, 'scale'), sha256);
    return (performance.now() - begunMs) / 1000;
  };
  const firstSeconds = timed();
  const seconds = Array.from({ length: samples }, timed);
  return { size, firstSeconds, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
}
