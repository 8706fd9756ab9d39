/**
 * Attacks one after the other, of which every image keeps its worst outcome: restarts, targets one by one, or
 * the stages of AutoAttack, which go over the images that are still standing.
 */
import type { Pause } from '../../evaluation/batched.js';
import { batchCount, inOrder } from '../../data/batches.js';
import type { ResidentData } from '../../data/resident.js';
import type { GraphHost } from '../../graph/compile.js';
import type { Model } from '../../models/model.js';
import type { ParameterTensors } from '../../models/parameters.js';
import { opSeed } from '../../random.js';
import type { AttackScores, ImageOutcomes } from './attack-evaluation.js';
import type { Bounds } from './bounds.js';
import { compileProcedure, type Batching, type Found, type Start } from './compile-procedure.js';
import { createInspector, type Inspection } from './inspection.js';
import { createKept } from './kept-images.js';
import { cleanOutcomes, initialOutcomes, mean, standing } from './outcomes.js';
import type { Procedure } from './procedure.js';
import { apply, fresh, type Pass, type SequenceProgress } from './sequence-progress.js';

export interface Sequence {
  readonly procedures: Readonly<Record<string, Procedure>>;
  readonly passes: readonly Pass[];
  /** Whether an image as it is counts among the outcomes; else the attacks alone do. */
  readonly fromClean: boolean;
  readonly seed: number;
}

export interface Checks {
  /** Shares of the images, 0 to 1: see Inspection. */
  readonly zeroGradient: number;
  readonly random: number;
  /** Share of the images of the gradient attacks whose loss fell in the second half of the steps; null: none attacked. */
  readonly fell: number | null;
  /** Share of all images that only the black-box attack fooled; null: it was not asked. */
  readonly blackBoxGain: number | null;
}

export interface SequenceScores extends AttackScores {
  readonly checks: Checks;
  /** Share of the images of another class that were taken for the class aimed at, per cent; null: no such aim. */
  readonly targetedSuccess: number | null;
}

export interface SequenceOutcome extends SequenceScores, ImageOutcomes {
  /** The adversarial examples [count · size], the image where it counts as it is; null unless they were to be kept. */
  readonly attacked: Float32Array | null;
}

export interface Sequencer {
  /** Most calls of one attack. */
  readonly batches: number;
  /** `onPass` is told after every pass but the last; what it gets changes with the next call. */
  attack(
    weights: ParameterTensors,
    pause: Pause,
    from?: SequenceProgress | null,
    onPass?: (progress: SequenceProgress) => void,
  ): Promise<SequenceOutcome>;
  dispose(): void;
}

export function createSequencer(
  host: GraphHost,
  model: Model,
  sequence: Sequence,
  bounds: Bounds,
  data: ResidentData,
  { batchSize, withImages }: Batching,
): Sequencer {
  const { passes, procedures } = sequence;
  const inspector = createInspector(host, model, data, { batchSize, withImages });
  const compiled = new Map(
    Object.entries(procedures).map(([name, procedure]) => [
      name,
      compileProcedure(host, model, procedure, bounds, data, { batchSize, withImages }),
    ]),
  );
  const attack: Sequencer['attack'] = async (weights, pause, from = null, onPass) => {
    if (withImages && from) throw new Error('the images of earlier passes are not there');
    const inspection = from ? null : await inspector.inspect(weights, pause);
    const progress = from ?? begun(sequence, inspection!);
    const kept = withImages ? createKept(data, inspection!.pixels!) : null;
    const visit = (pass: Pass) => (found: Found) => {
      const counts = apply(progress, pass, found);
      if (counts && found.pixels) kept?.take(found.image, found.pixels.place, found.pixels.batch);
    };
    for (const [i, pass] of passes.entries()) {
      if (i < progress.passes) continue;
      if (pass.blackBox) progress.gained ??= 0;
      const start = startOf(sequence.seed, pass, i);
      await compiled
        .get(pass.procedure)!
        .run(weights, imagesOf(pass, progress), start, visit(pass), pause);
      progress.passes = i + 1;
      if (i + 1 < passes.length) onPass?.(progress);
    }
    const { clean, images } = progress;
    return { ...scoresOf(progress, data.count), clean, images, attacked: kept && kept.pixels };
  };
  const batches = batchCount(data.count, Math.min(batchSize, data.count));
  const callsOf = ({ procedure }: Pass): number => batches * (procedures[procedure]!.steps + 1);
  return {
    batches: passes.reduce((sum, pass) => sum + callsOf(pass), inspector.batches),
    attack,
    dispose() {
      inspector.dispose();
      for (const procedure of compiled.values()) procedure.dispose();
    },
  };
}

/** What each pass is called; one that aims at classes says at which. */
export function passNames({ procedures, passes }: Sequence): readonly string[] {
  return passes.map(({ procedure, rank }) =>
    procedures[procedure]!.aim ? `${procedure} rank ${rank}` : procedure,
  );
}

function begun({ fromClean }: Sequence, inspection: Inspection): SequenceProgress {
  const { clean, wrong, zeroGradient, random } = inspection;
  return fresh({
    cleanNll: mean(clean.nll),
    cleanError: 100 * mean(wrong),
    images: fromClean ? cleanOutcomes(clean, wrong) : initialOutcomes(wrong.length),
    ...{ clean, zeroGradient, random },
  });
}

/** The draws of a pass are its own; those of a batch too. */
function startOf(seed: number, { rank, random, over }: Pass, index: number): Start {
  return {
    seed: (from) => opSeed(seed, `attack-pass-${index}`, from),
    ...{ rank, random, untilFooled: over === 'standing' },
  };
}

function imagesOf({ over }: Pass, { images }: SequenceProgress): Int32Array {
  return over === 'all' ? inOrder(images.nll.length) : standing(images);
}

function scoresOf(progress: SequenceProgress, n: number): SequenceScores {
  const { cleanNll, cleanError, zeroGradient, random, seen, hits } = progress;
  const { nll, wrong } = progress.images;
  const aimedAt = hits.filter((hit) => hit >= 0);
  return {
    ...{ cleanNll, cleanError, n },
    robustNll: mean(nll),
    robustError: 100 * mean(wrong),
    targetedSuccess: aimedAt.length === 0 ? null : 100 * mean(aimedAt),
    checks: {
      ...{ zeroGradient, random },
      fell: seen === 0 ? null : progress.fell / seen,
      blackBoxGain: progress.gained === null ? null : progress.gained / n,
    },
  };
}
