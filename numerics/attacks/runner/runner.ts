/**
 * The one attack runner. Whatever the method, it inspects the clean images, carries out the passes (restarts, target
 * classes, stages, black-box checks), verifies the threat model, keeps the worst outcome of every image and, if asked,
 * the adversarial examples, and can be resumed between two passes.
 */
import type { Pause } from '../../evaluation/batched.js';
import { inOrder } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { opSeed } from '../../random.js';
import type { Attack, Pass } from '../procedure/attack.js';
import type { ModelUnderAttack } from '../procedure/model-under-attack.js';
import type { Procedure } from '../procedure/procedure.js';
import { summarise, type AttackOutcome } from './attack-outcome.js';
import { createInspector, type Inspector } from './clean-inspection.js';
import { compileStepwise } from './compile-stepwise.js';
import { compileUnrolled } from './compile-unrolled.js';
import type { Batching, CompiledProcedure, PassInputs, Seed } from './compiled-procedure.js';
import { createKeptImages } from './kept-images.js';
import { notYetMisclassified, type Outcomes } from './outcomes.js';
import { initialProgress, record, type AttackProgress } from './progress.js';

/** A compiled attack. */
export interface AttackRunner {
  /** Most native calls of one attack; `pause` follows each. */
  readonly calls: number;
  /** `onPass` is called after every pass but the last; its argument changes with the next call. */
  attack(
    weights: ParameterTensors,
    pause: Pause,
    from?: AttackProgress | null,
    onPass?: (progress: AttackProgress) => void,
  ): Promise<AttackOutcome>;
  dispose(): void;
}

/** Compiles an attack on these images; weights come with each call. */
export function createAttackRunner(
  host: GraphHost,
  attacked: ModelUnderAttack,
  attack: Attack,
  data: ResidentData,
  batching: Batching,
): AttackRunner {
  const { passes } = attack;
  const inspector = attack.inspectsCleanImages
    ? createInspector(host, attacked, data, batching)
    : null;
  const compiled = compileProcedures(host, attacked, attack, data, batching);
  const run: AttackRunner['attack'] = async (weights, pause, from = null, onPass) => {
    if (batching.keepImages && from) throw new Error('images of earlier passes are not kept');
    const inspection = from || !inspector ? null : await inspector.inspect(weights, pause);
    const progress = from ?? initialProgress(data.count, inspection, attack.countsCleanImages);
    const kept = batching.keepImages
      ? createKeptImages(data, inspection?.pixels ?? undefined)
      : null;
    for (const [i, pass] of passes.entries()) {
      if (i < progress.passes) continue;
      if (pass.blackBox) progress.gained ??= 0;
      progress.scores = await compiled.get(pass.procedure)!.run(
        weights,
        passInputs(attack, i, progress.images),
        (found) => {
          const counts = record(progress, pass, found);
          if (counts && found.pixels)
            kept?.keep(found.image, found.pixels.place, found.pixels.batch);
        },
        pause,
      );
      progress.passes = i + 1;
      if (i + 1 < passes.length) onPass?.(progress);
    }
    const { clean, images } = progress;
    return {
      ...{ ...summarise(progress, data.count), clean, images },
      adversarial: kept && kept.pixels,
    };
  };
  return {
    calls: countCalls(passes, compiled, inspector),
    attack: run,
    dispose() {
      inspector?.dispose();
      for (const procedure of compiled.values()) procedure.dispose();
    },
  };
}

function compileProcedures(
  host: GraphHost,
  attacked: ModelUnderAttack,
  { procedures, passes, threat }: Attack,
  data: ResidentData,
  batching: Batching,
): ReadonlyMap<string, CompiledProcedure> {
  const compile = (procedure: Procedure): CompiledProcedure =>
    procedure.execution === 'unrolled'
      ? compileUnrolled(host, attacked, { procedure, threat }, data, batching)
      : compileStepwise(host, attacked, { procedure, threat }, data, batching);
  for (const { procedure, over } of passes) {
    if (procedures[procedure]!.execution === 'unrolled' && over !== 'all') {
      throw new Error(`${procedure}: an unrolled procedure goes over all images`);
    }
  }
  return new Map(Object.entries(procedures).map(([name, one]) => [name, compile(one)]));
}

function countCalls(
  passes: readonly Pass[],
  compiled: ReadonlyMap<string, CompiledProcedure>,
  inspector: Inspector | null,
): number {
  const passCalls = ({ procedure }: Pass): number => compiled.get(procedure)!.calls;
  return passes.reduce((sum, pass) => sum + passCalls(pass), inspector?.calls ?? 0);
}

function passInputs(attack: Attack, index: number, worst: Outcomes): PassInputs {
  const { procedure, rank, random, over } = attack.passes[index]!;
  const { execution } = attack.procedures[procedure]!;
  return {
    images: over === 'all' ? inOrder(worst.nll.length) : notYetMisclassified(worst),
    seed: (from) => passSeed(attack.seed, execution, index, from),
    ...{ rank, random, untilMisclassified: over === 'not-yet-misclassified', worst },
  };
}

/** Depends on the batch and the pass alone: every t is attacked from the same points. */
function passSeed(
  seed: number,
  execution: Procedure['execution'],
  pass: number,
  from: number,
): Seed {
  if (execution === 'stepwise') return opSeed(seed, `attack-pass-${pass}`, from);
  return opSeed(seed, pass === 0 ? 'attack-start' : `attack-restart-${pass}`, from);
}
