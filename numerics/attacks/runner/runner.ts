/**
 * The one attack runner. Whatever the method, it inspects the clean images, carries out the passes (restarts, target
 * classes, stages, black-box checks), verifies the threat model, keeps the worst outcome of every image and, if asked,
 * the adversarial examples, and can be resumed between two passes.
 */
import type { Pause } from '../../evaluation/batched.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { ParameterTensors } from '../../models/parameters.js';
import type { Attack, Pass } from '../procedure/attack.js';
import type { ModelUnderAttack } from '../procedure/model-under-attack.js';
import type { Procedure } from '../procedure/procedure.js';
import { summarise, type AttackOutcome } from './attack-outcome.js';
import { createInspector, type Inspector } from './clean-inspection.js';
import { compileStepwise } from './compile-stepwise.js';
import { compileUnrolled } from './compile-unrolled.js';
import type { Batching, CompiledProcedure } from './compiled-procedure.js';
import { createKeptImages } from './kept-images.js';
import { notYetMisclassified } from './outcomes.js';
import { groupLength, passRows } from './pass-groups.js';
import { initialProgress, record, type AttackProgress } from './progress.js';

/** A compiled attack. */
export interface AttackRunner {
  /** Most native calls of one attack; `pause` follows each. */
  readonly calls: number;
  /** `onPass` is called after every pass, or group of passes, but the last; its argument changes with the next call. */
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
    ? createInspector(host, attacked, attack.threat, data, batching)
    : null;
  const compiled = compileProcedures(host, attacked, attack, data, batching);
  const run: AttackRunner['attack'] = async (weights, pause, from = null, onPass) => {
    if (batching.keepImages && from) throw new Error('images of earlier passes are not kept');
    const inspection = from || !inspector ? null : await inspector.inspect(weights, pause);
    const progress = from ?? initialProgress(data.count, inspection, attack.countsCleanImages);
    const kept = batching.keepImages
      ? createKeptImages(data, inspection?.pixels ?? undefined)
      : null;
    const size = Math.min(batching.batchSize, data.count);
    while (progress.passes < passes.length) {
      const worst = progress.images;
      const first = progress.passes;
      const { procedure, blackBox } = passes[first]!;
      const count = groupLength(passes, first, notYetMisclassified(worst).length, size);
      if (blackBox) progress.gained ??= 0;
      progress.scores = await compiled.get(procedure)!.run(
        weights,
        { rows: passRows(attack, first, count, worst), worst },
        (found) => {
          const { row, pixels } = found;
          const counts = record(progress, passes[row.pass]!, found);
          if (counts && pixels) kept?.keep(row.image, pixels.place, pixels.batch);
        },
        pause,
      );
      progress.passes = first + count;
      if (progress.passes < passes.length) onPass?.(progress);
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
  const compile = (name: string, procedure: Procedure): CompiledProcedure => {
    const passesOver = passes.filter((pass) => pass.procedure === name).map(({ over }) => over);
    const leaves = passesOver.includes('not-yet-misclassified');
    if (leaves && passesOver.includes('all')) {
      throw new Error(`${name}: the passes of a procedure go over the same images`);
    }
    if (procedure.execution === 'stepwise') {
      return compileStepwise(host, attacked, { procedure, threat, leaves }, data, batching);
    }
    if (leaves) throw new Error(`${name}: an unrolled procedure goes over all images`);
    return compileUnrolled(host, attacked, { procedure, threat }, data, batching);
  };
  return new Map(Object.entries(procedures).map(([name, one]) => [name, compile(name, one)]));
}

function countCalls(
  passes: readonly Pass[],
  compiled: ReadonlyMap<string, CompiledProcedure>,
  inspector: Inspector | null,
): number {
  const passCalls = ({ procedure }: Pass): number => compiled.get(procedure)!.calls;
  return passes.reduce((sum, pass) => sum + passCalls(pass), inspector?.calls ?? 0);
}
