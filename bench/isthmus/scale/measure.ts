/** Times a job: once for what only the first does, then several times, and the peak of the process. */
import { performance } from 'node:perf_hooks';
import type { ScaleRequest, ScaleResult } from '../../request.js';
import type { Setting } from '../setting.js';
import { jobs } from './jobs.js';

/** Sizes are asked for in order, in one process: its peak is that of the last. */
export async function measureScale(
  setting: Setting,
  { dimension, size, samples }: ScaleRequest,
): Promise<ScaleResult> {
  const job = jobs[dimension](setting, size);
  const timed = async (): Promise<number> => {
    const begunMs = performance.now();
    await job.run();
    return (performance.now() - begunMs) / 1000;
  };
  const firstSeconds = await timed();
  const seconds: number[] = [];
  for (let i = 0; i < samples; i++) seconds.push(await timed());
  return { size: job.size, firstSeconds, seconds, peakMb: process.resourceUsage().maxRSS / 1024 };
}
