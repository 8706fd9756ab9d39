/** `npm run bench -- attack-steps`: PGD with few and with many steps, each in a process of its own. */
import { writeFileSync } from 'node:fs';
import { max, median, min } from 'simple-statistics';
import { makeInputs } from './inputs.js';
import { describeSides, warnOfLoad } from './machine.js';
import { markdownTable } from './markdown.js';
import { attackStepsResult, type AttackStepsResult, type BenchModel } from './request.js';
import { withSides } from './sides.js';

export interface AttackStepsOptions {
  readonly models: readonly BenchModel[];
  readonly steps: readonly number[];
  readonly images: number;
  readonly rounds: number;
  readonly threads: number;
  readonly json?: string;
}

interface Measured {
  readonly model: BenchModel;
  readonly steps: number;
  readonly rounds: AttackStepsResult[];
}

export async function attackSteps(
  options: AttackStepsOptions,
  say: (line: string) => void,
): Promise<void> {
  warnOfLoad(say);
  const { models, rounds, images, json } = options;
  const measured = models.flatMap((model) =>
    options.steps.map((steps): Measured => ({ model, steps, rounds: [] })),
  );
  let about = '';
  const sideOptions = { ...options, pytorch: false };
  for (let round = 1; round <= rounds; round++) {
    for (const { model, steps, rounds: found } of measured) {
      say(`${model}, ${steps} steps, round ${round} of ${rounds}`);
      const inputs = await withSides(sideOptions, ({ own }) => makeInputs(own, model));
      await withSides(sideOptions, async (sides) => {
        about = await describeSides(sides);
        const asked = { command: 'attack-steps', model, inputs, images, steps };
        found.push(attackStepsResult.parse(await sides.own.ask(asked)));
      });
    }
  }
  console.log(`${about}; ${images} images, ${rounds} rounds\n\n${table(measured)}`);
  if (json) writeFileSync(json, `${JSON.stringify({ about, measured }, null, 1)}\n`);
}

function table(measured: readonly Measured[]): string {
  const body = measured.map(({ model, steps, rounds }) => [
    `${model} PGD-${steps}`,
    String(rounds[0]!.calls),
    spread(rounds.map(({ prepareSeconds }) => prepareSeconds)),
    spread(rounds.map(({ attackSeconds }) => attackSeconds)),
    spread(rounds.map(({ memoryMb }) => memoryMb)),
  ]);
  return markdownTable(
    ['median (least to most)', 'calls', 'prepare, s', 'attack, s', 'memory, MB'],
    body,
  );
}

function spread(values: number[]): string {
  const [middle, least, most] = [median, min, max].map((of) => of(values).toPrecision(3));
  return `${middle} (${least} to ${most})`;
}
