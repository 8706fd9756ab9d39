/** `npm run bench:scale`: costs against sizes, each doubled four times; they are to grow linearly. */
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { UserError } from '../../experiment/errors.js';
import { makeInputs } from '../inputs.js';
import { describeSides, warnOfLoad } from '../machine.js';
import { scaleResult, type ScaleResult } from '../request.js';
import { withSides } from '../sides.js';
import {
  dimensions,
  engineDimensions,
  planningDimensions,
  sizes,
  stackDimensions,
  type DimensionName,
  type EngineDimension,
} from './dimensions.js';
import { measureOrchestration } from './orchestration.js';
import { measurePlanning } from './planning.js';
import { growths, scaleTable, type Scaled } from './scale-table.js';

export interface ScaleOptions {
  readonly only: readonly DimensionName[];
  readonly threads: number;
  readonly samples: number;
  readonly json?: string;
}

/** Whether every cost grows linearly. */
export async function scale(options: ScaleOptions, say: (line: string) => void): Promise<boolean> {
  const { only, samples, threads, json } = options;
  warnOfLoad(say);
  const started = await startOfEngine(options);
  const scaled: Scaled[] = [];
  for (const dimension of engineDimensions.filter((name) => only.includes(name))) {
    scaled.push({ dimension, results: await measureEngine(dimension, options, say) });
  }
  for (const dimension of planningDimensions.filter((name) => only.includes(name))) {
    say(dimension);
    const results = sizes(dimensions[dimension]).map((size) =>
      measurePlanning(dimension, size, samples),
    );
    scaled.push({ dimension, results });
  }
  if (stackDimensions.some((name) => only.includes(name))) {
    scaled.push(...(await measureStack(only, say)));
  }
  console.log(
    `${started.about}, ${threads} threads; start of an engine ${started.seconds.toFixed(2)} s\n\n${scaleTable(scaled)}`,
  );
  if (json) writeFileSync(json, `${JSON.stringify({ ...started, scaled }, null, 1)}\n`);
  return scaled.every((one) => growths(one).every(({ isLinear }) => isLinear));
}

/** Nothing where the stack fails: the other rows of a long run are worth having. */
async function measureStack(
  only: readonly DimensionName[],
  say: (line: string) => void,
): Promise<Scaled[]> {
  const asked = stackDimensions.filter((name) => only.includes(name));
  try {
    const found = await measureOrchestration(sizes(dimensions.runs), say);
    return asked.map((dimension) => ({ dimension, results: found[dimension] }));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`  left out: ${error.message}`);
    process.exitCode = 1;
    return [];
  }
}

/** Until it answers. */
async function startOfEngine({
  threads,
}: ScaleOptions): Promise<{ about: string; seconds: number }> {
  const begunMs = performance.now();
  return withSides({ threads, pytorch: false }, async (sides) => {
    const about = await describeSides(sides);
    const seconds = (performance.now() - begunMs) / 1000;
    await makeInputs(sides.own, 'cnn-small');
    return { about, seconds };
  });
}

/** In a process of its own: what an earlier dimension left in memory would hide what this one takes. */
function measureEngine(
  dimension: EngineDimension,
  { threads, samples }: ScaleOptions,
  say: (line: string) => void,
): Promise<ScaleResult[]> {
  return withSides({ threads, pytorch: false }, async ({ own }) => {
    const inputs = await makeInputs(own, 'cnn-small');
    const results: ScaleResult[] = [];
    for (const size of sizes(dimensions[dimension])) {
      say(`${dimension}: ${size}`);
      const asked = { command: 'scale', dimension, inputs, size, samples };
      results.push(scaleResult.parse(await own.ask(asked)));
    }
    return results;
  });
}
