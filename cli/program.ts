/** The commands, their arguments and options; each command's code is loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import type { ArtifactOptions } from './commands/artifact.js';
import type { DataFetchOptions } from './commands/installation/data.js';
import type { EnvOptions } from './commands/installation/env.js';
import type { GcOptions } from './commands/installation/gc.js';
import type { MigrateOptions } from './commands/installation/migrate.js';
import type { PlanOptions } from './commands/plan.js';
import type { ReportOptions } from './commands/report.js';
import type { ResultsOptions } from './commands/results.js';
import type { MatchOptions } from './experiments/match-runs.js';
import type { ResumeOptions, RetryOptions } from './commands/resume.js';
import type { RunOptions } from './commands/run.js';
import type { UpOptions } from './commands/installation/up.js';
import type { VerifyResumeOptions } from './commands/verify-resume.js';
import { datasetNames } from '../experiment/catalogue/datasets.js';
import { createContext, type CommonOptions, type Finish } from './terminal/context.js';
import { exitCodes, type ExitCode } from './terminal/exit-codes.js';
import { days, positiveInteger, wholeNumber } from './terminal/option-values.js';
import { reportError } from './terminal/report-error.js';

const fileArgument = 'an experiment file (YAML), or the name of a preset';
const globText = 'the runs of this name; * stands for any text, ? for one character';
const idArgument = 'experiment id, a prefix of it, its file (.yaml), or the name in it (newest)';

export async function runProgram(process: NodeJS.Process): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok;
  const finish: Finish = async (options, work) => {
    const context = createContext(process, options);
    try {
      code = await work(context);
    } catch (error) {
      code = reportError(context, error);
    }
  };
  try {
    await createProgram(finish).parseAsync(process.argv);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return code;
}

export function createProgram(finish: Finish): Command {
  const program = new Command('isthmus')
    .description(
      'Mode connectivity and adversarial robustness experiments: plan, run, resume, report.',
    )
    .usage('<command> [options]')
    .configureHelp({ subcommandTerm })
    .exitOverride()
    .showHelpAfterError('(--help lists what there is)')
    .addHelpText('after', examples);
  stackCommands(program, finish);
  fileCommands(program, finish);
  dataCommands(program, finish);
  experimentCommands(program, finish);
  interventionCommands(program, finish);
  auditCommands(program, finish);
  return program;
}

/** Every command takes options: saying so in the list helps nobody. */
function subcommandTerm(command: Command): string {
  const names = command.registeredArguments.map((argument) => ` <${argument.name()}>`);
  return `${command.name()}${names.join('')}`;
}

const examples = `
Examples:
  ./isthmus up                          start the local stack
  ./isthmus run mnist-quick             run a preset and watch it
  ./isthmus results mnist-quick         tables of its newest results
  ./isthmus report mnist-quick -o report.html`;

function declare(program: Command, nameAndArguments: string, description: string): Command {
  return program
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'machine-readable data on standard output')
    .option('--verbose', 'show where an error happened');
}

function stackCommands(program: Command, finish: Finish): void {
  declare(program, 'up', 'start the local stack: Temporal with its UI, Postgres, S3, a worker')
    .option('--migrate', 'bring a database and a bucket that are elsewhere up to this version')
    .action((options: UpOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/up.js')).up(context, options),
      ),
    );
  declare(program, 'down', 'stop the local stack; its data stay').action((options: CommonOptions) =>
    finish(options, async (context) =>
      (await import('./commands/installation/down.js')).down(context),
    ),
  );
  declare(program, 'migrate', 'make the tables of this version and the bucket, wherever they are')
    .option('--print', 'print the SQL instead, for a role with more rights; change nothing')
    .action((options: MigrateOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/migrate.js')).migrate(context, options),
      ),
    );
  declare(program, 'env', 'how other programs reach Temporal, Postgres and S3, for a shell')
    .option('--secrets', 'with passwords and keys')
    .action((options: EnvOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/env.js')).env(context, options),
      ),
    );
  declare(program, 'doctor', 'check every part of the stack').action((options: CommonOptions) =>
    finish(options, async (context) =>
      (await import('./commands/installation/doctor.js')).doctor(context),
    ),
  );
}

/** Programs are given everything by --json. */
function wideOption(...others: readonly string[]): Option {
  const option = new Option('--wide', 'whole lines, however long; else they fit the terminal');
  return option.conflicts(['json', ...others]);
}

function noWait(...conflicts: string[]): Option {
  return new Option('--no-wait', 'start it and return at once').conflicts(conflicts);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}

function fileCommands(program: Command, finish: Finish): void {
  const withFile = (name: string, description: string): Command =>
    declare(program, name, description)
      .argument('<file>', fileArgument)
      .option('--set <path=value>', 'set a field of the file; can be given again', collect, []);
  withFile('plan', 'what would run, and what is done already; starts nothing')
    .addOption(wideOption())
    .action((file: string, options: PlanOptions) =>
      finish(options, async (context) =>
        (await import('./commands/plan.js')).plan(context, file, options),
      ),
    );
  withFile('run', 'start an experiment, or join it, and watch it to its end')
    .addOption(noWait('report'))
    .option('--report <html>', 'write the report there at the end')
    .option(
      '--fail-fast [n]',
      'stop when n runs (1) have failed before any was done',
      positiveInteger,
    )
    .option('--max-failures <n>', 'stop after n failed runs', positiveInteger)
    .action((file: string, options: RunOptions) =>
      finish(options, async (context) =>
        (await import('./commands/run.js')).run(context, file, options),
      ),
    );
  declare(program, 'schema', 'JSON Schema of the experiment file').action(
    (options: CommonOptions) =>
      finish(options, async (context) => (await import('./commands/schema.js')).schema(context)),
  );
}

function dataCommands(program: Command, finish: Finish): void {
  const data = program.command('data').description('data sets: fetch their published files');
  declare(data, 'fetch', 'bring the files of a data set into the data folder, verified; resumes')
    .argument('<name>', `one of ${datasetNames.join(', ')}`)
    .option('--from <address>', 'a folder, an http(s) address or s3://bucket/prefix with its files')
    .action((name: string, options: DataFetchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/data.js')).dataFetch(context, name, options),
      ),
    );
}

function experimentCommands(program: Command, finish: Finish): void {
  const withId = (name: string, description: string): Command =>
    declare(program, name, description).argument('<id>', idArgument);
  declare(program, 'ls', 'the experiments, newest first').action((options: CommonOptions) =>
    finish(options, async (context) => (await import('./commands/ls.js')).ls(context)),
  );
  withId('status', 'where every run of an experiment stands')
    .addOption(wideOption())
    .action((id: string, options: CommonOptions) =>
      finish(options, async (context) =>
        (await import('./commands/status.js')).status(context, id),
      ),
    );
  withId('watch', 'follow an experiment to its end').action((id: string, options: CommonOptions) =>
    finish(options, async (context) => (await import('./commands/watch.js')).watch(context, id)),
  );
  withId('results', 'tables along each path, their summary, and the endpoints')
    .addOption(new Option('--csv', 'every value in long format').conflicts('json'))
    .option('--metric <series>', 'this series only')
    .addOption(
      new Option(
        '--over <axis>',
        'mean and spread over an axis of a sweep, such as seed',
      ).conflicts(['csv', 'metric']),
    )
    .addOption(wideOption('csv', 'metric'))
    .action((id: string, options: ResultsOptions) =>
      finish(options, async (context) =>
        (await import('./commands/results.js')).results(context, id, options),
      ),
    );
  withId('report', 'one self-contained HTML page with the figures')
    .option('-o, --output <html>', 'where to write it', 'report.html')
    .action((id: string, options: ReportOptions) =>
      finish(options, async (context) =>
        (await import('./commands/report.js')).report(context, id, options),
      ),
    );
}

/** What a person does to an experiment that runs, or that has stopped. */
function interventionCommands(program: Command, finish: Finish): void {
  const withId = (name: string, description: string): Command =>
    declare(program, name, description).argument('<id>', idArgument);
  withId('resume', 'go on with what was interrupted or cancelled; what failed stays failed')
    .addOption(noWait('plan'))
    .option('--plan', 'say what it would do with every run; start nothing')
    .addOption(wideOption())
    .action((id: string, options: ResumeOptions) =>
      finish(options, async (context) =>
        (await import('./commands/resume.js')).resume(context, id, options),
      ),
    );
  withId('verify-resume', 'interrupt finished runs on purpose and compare what they leave')
    .option('--runs <n>', 'how many, drawn from the finished ones', positiveInteger, 3)
    .option('--seed <n>', 'decides which, when and how', wholeNumber, 1)
    .action((id: string, options: VerifyResumeOptions) =>
      finish(options, async (context) =>
        (await import('./commands/verify-resume.js')).verifyResume(context, id, options),
      ),
    );
  withId('retry', 'try again what failed, and what waited for it')
    .addOption(
      new Option('--failed', 'every failed run; so it is if nothing is chosen').conflicts('match'),
    )
    .option('--match <glob>', globText)
    .addOption(noWait())
    .action((id: string, options: RetryOptions) =>
      finish(options, async (context) =>
        (await import('./commands/resume.js')).retry(context, id, options),
      ),
    );
  withId('cancel', 'stop an experiment, or some of its runs; what is done stays')
    .option('--match <glob>', globText)
    .action((id: string, options: MatchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/cancel.js')).cancel(context, id, options),
      ),
    );
  withId('pause', 'start no further runs; those at work go on to their end')
    .option('--match <glob>', globText)
    .action((id: string, options: MatchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/pause.js')).pause(context, id, options),
      ),
    );
  withId('unpause', 'let paused runs start')
    .option('--match <glob>', globText)
    .action((id: string, options: MatchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/pause.js')).unpause(context, id, options),
      ),
    );
}

function auditCommands(program: Command, finish: Finish): void {
  declare(program, 'artifact', 'list what a run stored, or fetch one of its files, verified')
    .argument('<id>', idArgument)
    .argument('<run>', 'name of the run, as status prints it')
    .argument('[name]', 'which of its artifacts; without, they are listed')
    .option('-o, --output <file>', 'where to write it')
    .action((id: string, run: string, name: string | undefined, options: ArtifactOptions) =>
      finish(options, async (context) =>
        (await import('./commands/artifact.js')).artifact(context, id, run, name, options),
      ),
    );
  declare(program, 'verify', 'read again every blob that an experiment names, and compare digests')
    .argument('<id>', idArgument)
    .action((id: string, options: CommonOptions) =>
      finish(options, async (context) =>
        (await import('./commands/verify.js')).verify(context, id),
      ),
    );
  declare(program, 'gc', 'delete blobs that nothing in the database names')
    .option('--dry-run', 'say what would be deleted; delete nothing')
    .option('--grace <days>', 'spare what is younger', days, 7)
    .action((options: GcOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/gc.js')).gc(context, options),
      ),
    );
}
