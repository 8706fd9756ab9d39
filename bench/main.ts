/** Command line of the benchmark: tables to stdout, progress to stderr. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../experiment/errors.js';
import { attackSteps, type AttackStepsOptions } from './attack-steps.js';
import { exactness, type ExactnessOptions } from './exactness.js';
import { installPytorch, installTensorflow } from './install-python.js';
import { limits, type LimitsOptions } from './limits/limits.js';
import {
  modelNames,
  ownWorks,
  precisions,
  variants,
  type BenchModel,
  type Precision,
  type Variant,
} from './request.js';
import { tableNames, type TableName } from './rows.js';
import { convolutions, type ConvolutionOptions } from './convolutions.js';
import { dimensionNames, type DimensionName } from './scale/dimensions.js';
import { referenceLogits, type ReferenceLogitsOptions } from './networks/reference-logits.js';
import { scale, type ScaleOptions } from './scale/scale.js';
import { study, type StudyOptions } from './study.js';
import { timeline, type TimelineOptions } from './timeline/timeline.js';
import { timings, type TimingOptions } from './timings.js';

const usageExitCode = 2;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function count(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new InvalidArgumentError('a whole number from 1 to 1000 is needed');
}

/** Numbers separated by commas. */
function counts(text: string): number[] {
  return text.split(',').map(count);
}

/** Names separated by commas. */
function parseList<T extends string>(known: readonly T[]): (text: string) => T[] {
  return (text) =>
    text.split(',').map((name) => {
      const found = known.find((one) => one === name);
      if (found === undefined) throw new InvalidArgumentError(`known are ${known.join(', ')}`);
      return found;
    });
}

const threads = (): Option =>
  new Option('--threads <n>', 'threads of each side').argParser(count).default(2);
const rounds = (times: number): Option =>
  new Option('--rounds <n>', 'how often each side has its turn').argParser(count).default(times);
const slots = (): Option =>
  new Option(
    '--slots <n>',
    'engines of ours, which share its threads (default: one thread each)',
  ).argParser(count);
const scripts = (): Option =>
  new Option('--scripts <names>', `variants of the script: ${variants.join(', ')}`)
    .argParser(parseList<Variant>(variants))
    .default(variants, 'both');
const json = (): Option => new Option('--json <file>', 'write every sample there');
const withoutPytorch = (): Option => new Option('--without-pytorch', 'own figures only');

function program(): Command {
  const root = new Command('bench')
    .description('measures the engine, against PyTorch on the same machine where that is installed')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageExitCode));
  root
    .command('steps', { isDefault: true })
    .description('training steps, passes, attacks, Hessian products, eigenvalues')
    .addOption(tables())
    .addOption(precision())
    .addOption(rounds(5))
    .addOption(threads())
    .addOption(json())
    .addOption(withoutPytorch())
    .option('--install-pytorch', 'install PyTorch into .isthmus/ first (2.5 GB to download)')
    .action(runSteps);
  root
    .command('attack-steps')
    .description('PGD with few and with many steps: preparation, seconds and memory')
    .addOption(models())
    .option('--steps <numbers>', 'steps of the attacks', counts, [10, 100, 1000])
    .addOption(new Option('--images <n>', 'images at once').argParser(count).default(2))
    .addOption(rounds(3))
    .addOption(threads())
    .addOption(json())
    .action((options: AttackStepsOptions) => attackSteps(options, say));
  root
    .command('exactness')
    .description('results against PyTorch in float64; exit code 1 where a bar is missed')
    .addOption(threads())
    .addOption(json())
    .action(async (options: ExactnessOptions) => {
      if (!(await exactness(options))) process.exitCode = 1;
    });
  root
    .command('networks')
    .description("PyTorch's logits of every built-in network, for the tests")
    .requiredOption('--write <file>', 'where they go as JSON')
    .action((options: ReferenceLogitsOptions) => referenceLogits(options, say));
  root
    .command('study')
    .description('mnist-quick end to end against a script; minutes a round')
    .addOption(rounds(1))
    .addOption(threads())
    .addOption(slots())
    .addOption(scripts())
    .addOption(onePrecision())
    .addOption(json())
    .addOption(withoutPytorch())
    .action(({ withoutPytorch: without, ...options }: Flags & Omit<StudyOptions, 'pytorch'>) =>
      study({ ...options, pytorch: !without }, say),
    );
  return withCosts(root);
}

/** Commands that tell what work costs and why. */
function withCosts(root: Command): Command {
  root
    .command('scale')
    .description('costs against sizes, each doubled four times; exit code 1 where one grows faster')
    .addOption(dimensions())
    .addOption(new Option('--samples <n>', 'of each size').argParser(count).default(3))
    .addOption(threads())
    .addOption(json())
    .action(async (options: ScaleOptions) => {
      if (!(await scale(options, say))) process.exitCode = 1;
    });
  root
    .command('limits')
    .description('operations per second against the peak of the processor, and what is in the way')
    .addOption(tables())
    .addOption(precision())
    .addOption(rounds(3))
    .addOption(threads())
    .addOption(json())
    .action(runLimits);
  root
    .command('convolutions')
    .description("the forms of a convolution's gradients against each other")
    .addOption(rounds(20))
    .addOption(threads())
    .addOption(json())
    .action((options: ConvolutionOptions) => convolutions(options, say));
  root
    .command('timeline')
    .description("TensorFlow's own timeline of one unit of work: time of every kind of op")
    .addOption(new Option('--work <name>').choices(ownWorks).default('training-step'))
    .addOption(new Option('--model <name>').choices(modelNames).default('cnn-small'))
    .addOption(onePrecision())
    .addOption(threads())
    .addOption(json())
    .option('--install-tensorflow', 'install TensorFlow for Python into .isthmus/ first (0.4 GB)')
    .action(runTimeline);
  return root;
}

interface Flags {
  readonly withoutPytorch?: boolean;
}

interface StepFlags extends Flags, Omit<TimingOptions, 'pytorch' | 'precisions'> {
  readonly precision: readonly Precision[];
  readonly installPytorch?: boolean;
}

interface LimitsFlags extends Omit<LimitsOptions, 'precisions'> {
  readonly precision: readonly Precision[];
}

interface TimelineFlags extends TimelineOptions {
  readonly installTensorflow?: boolean;
}

async function runTimeline({ installTensorflow: install, ...options }: TimelineFlags) {
  if (install) installTensorflow();
  await timeline(options, say);
}

function tables(): Option {
  return new Option('--tables <names>', tableNames.join(', '))
    .argParser(parseList<TableName>(tableNames))
    .default(tableNames, 'all');
}

function dimensions(): Option {
  return new Option('--only <names>', dimensionNames.join(', '))
    .argParser(parseList<DimensionName>(dimensionNames))
    .default(dimensionNames, 'all');
}

function models(): Option {
  return new Option('--models <names>', modelNames.join(', '))
    .argParser(parseList<BenchModel>(modelNames))
    .default(['cnn-small', 'preresnet26'], 'cnn-small, preresnet26');
}

function onePrecision(): Option {
  return new Option('--precision <name>', precisions.join(', '))
    .choices(precisions)
    .default('float32');
}

function precision(): Option {
  return new Option('--precision <names>', precisions.join(', '))
    .argParser(parseList<Precision>(precisions))
    .default(precisions, 'both');
}

async function runSteps({ precision, installPytorch: install, ...flags }: StepFlags) {
  if (install) installPytorch();
  await timings({ ...flags, precisions: precision, pytorch: !flags.withoutPytorch }, say);
}

function runLimits({ precision: asked, ...flags }: LimitsFlags): Promise<void> {
  return limits({ ...flags, precisions: asked }, say);
}

try {
  await program().parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  say(`error: ${error.message}`);
  if (error.hint !== undefined) say(error.hint);
  process.exitCode = error.kind === 'usage' ? usageExitCode : 1;
}
