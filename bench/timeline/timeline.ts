/** `npm run bench -- timeline`: one unit of the engine's work in Python's TensorFlow, with its own timeline. */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../experiment/errors.js';
import { benchDir, tensorflowDir, tensorflowSources } from '../folders.js';
import { makeInputs } from '../inputs.js';
import { describeSides, warnOfLoad } from '../machine.js';
import { timed } from '../own-stack.js';
import { recording, type BenchModel, type OwnWork, type Precision } from '../request.js';
import { withSides } from '../sides.js';
import { replaySchema, timelineTable } from './timeline-table.js';

export interface TimelineOptions {
  readonly work: OwnWork;
  readonly model: BenchModel;
  readonly precision: Precision;
  readonly threads: number;
  readonly json?: string;
}

export async function timeline(
  options: TimelineOptions,
  say: (line: string) => void,
): Promise<void> {
  if (!existsSync(join(tensorflowDir, 'tensorflow', '__init__.py'))) {
    throw new UserError('dependency-down', 'the timeline is that of TensorFlow for Python', {
      hint: 'add --install-tensorflow',
    });
  }
  warnOfLoad(say);
  const { work, model, precision, threads, json } = options;
  const folder = join(benchDir, 'timeline');
  try {
    say('recording');
    const { about, calls } = await record(options, folder);
    say('replaying');
    const { output } = await timed(
      ['python3', join(tensorflowSources, 'timeline.py'), folder, String(threads)],
      replayEnvironment(),
    );
    const replay = replaySchema.parse(JSON.parse(output));
    const title = `${model} ${work}, ${precision}: one unit in ${calls} native calls`;
    console.log(`${about}\n\n${title}\n\n${timelineTable(replay)}`);
    if (json) writeFileSync(json, `${JSON.stringify({ about, title, replay }, null, 1)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function record(
  { work, model, precision, threads }: TimelineOptions,
  folder: string,
): Promise<{ about: string; calls: number }> {
  return withSides({ threads, pytorch: false }, async (sides) => {
    const about = await describeSides(sides);
    const inputs = await makeInputs(sides.own, model);
    const asked = { command: 'record', work, model, precision, inputs, folder };
    return { about, ...recording.parse(await sides.own.ask(asked)) };
  });
}

function replayEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PYTHONPATH: tensorflowDir,
    PYTHONDONTWRITEBYTECODE: '1',
    TF_CPP_MIN_LOG_LEVEL: '3',
  };
}
