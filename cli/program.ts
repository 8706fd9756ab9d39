/** The commands, their arguments and options; each command's code is loaded when it is called. */
import { Command, CommanderError, Option } from 'commander';
import type { ArtifactOptions } from './commands/artifact.js';
import type { DoctorOptions } from './commands/installation/doctor.js';
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
import { bundleCommand } from './bundle-command.js';
import { dataCommands } from './data-command.js';
import { exportCommand } from './export-command.js';
import { queryCommands } from './query-commands.js';
import { collect, declare, idArgument, noWait, wideOption } from './options.js';
import { createContext, type CommonOptions, type Finish } from './terminal/context.js';
import { exitCodes, type ExitCode } from './terminal/exit-codes.js';
import { days, positiveInteger, wholeNumber } from './terminal/option-values.js';
import { reportError } from './terminal/report-error.js';

const fileArgument = 'experiment file (YAML) or name of a preset';
const globText = 'only runs whose name matches; * matches any text, ? one character';

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
    .showHelpAfterError('(--help lists commands and options)')
    .addHelpText('after', examples);
  stackCommands(program, finish);
  fileCommands(program, finish);
  dataCommands(program, finish);
  experimentCommands(program, finish);
  queryCommands(program, finish);
  interventionCommands(program, finish);
  auditCommands(program, finish);
  bundleCommand(program, finish);
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

function stackCommands(program: Command, finish: Finish): void {
  declare(program, 'up', 'start the local stack: Temporal with its UI, Postgres, S3 and a worker')
    .option('--migrate', 'also migrate an external database and create its bucket')
    .action((options: UpOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/up.js')).up(context, options),
      ),
    );
  declare(program, 'down', 'stop the local stack; data is kept').action((options: CommonOptions) =>
    finish(options, async (context) =>
      (await import('./commands/installation/down.js')).down(context),
    ),
  );
  declare(program, 'migrate', 'create or upgrade the database schema and the bucket')
    .option('--print', 'print the SQL for a role with more privileges; change nothing')
    .action((options: MigrateOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/migrate.js')).migrate(context, options),
      ),
    );
  declare(program, 'env', 'print shell variables for connecting to Temporal, Postgres and S3')
    .option('--secrets', 'include passwords and keys')
    .action((options: EnvOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/env.js')).env(context, options),
      ),
    );
  declare(program, 'doctor', 'check every part of the stack')
    .addOption(
      new Option(
        '--device <device>',
        'check only whether engines compute right on this device; needs no stack',
      ).choices(['cpu', 'gpu']),
    )
    .action((options: DoctorOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/doctor.js')).doctor(context, options),
      ),
    );
}

function fileCommands(program: Command, finish: Finish): void {
  const withFile = (name: string, description: string): Command =>
    declare(program, name, description)
      .argument('<file>', fileArgument)
      .option('--set <path=value>', 'override a field of the file; repeatable', collect, []);
  withFile('plan', 'show what would run and what is cached; start nothing')
    .addOption(wideOption())
    .action((file: string, options: PlanOptions) =>
      finish(options, async (context) =>
        (await import('./commands/plan.js')).plan(context, file, options),
      ),
    );
  withFile('run', 'start or join an experiment and watch it until it ends')
    .addOption(noWait('report'))
    .option('--report <html>', 'write the report to this file at the end')
    .option(
      '--fail-fast [n]',
      'stop when n runs have failed before any has succeeded (default 1)',
      positiveInteger,
    )
    .option('--max-failures <n>', 'stop after n failed runs', positiveInteger)
    .action((file: string, options: RunOptions) =>
      finish(options, async (context) =>
        (await import('./commands/run.js')).run(context, file, options),
      ),
    );
  declare(program, 'schema', 'print the JSON Schema of the experiment file').action(
    (options: CommonOptions) =>
      finish(options, async (context) => (await import('./commands/schema.js')).schema(context)),
  );
}

function experimentCommands(program: Command, finish: Finish): void {
  const withId = (name: string, description: string): Command =>
    declare(program, name, description).argument('<id>', idArgument);
  declare(program, 'ls', 'list experiments, newest first').action((options: CommonOptions) =>
    finish(options, async (context) => (await import('./commands/ls.js')).ls(context)),
  );
  withId('status', 'show the state of every run of an experiment')
    .addOption(wideOption())
    .action((id: string, options: CommonOptions) =>
      finish(options, async (context) =>
        (await import('./commands/status.js')).status(context, id),
      ),
    );
  withId('watch', 'follow an experiment until it ends').action(
    (id: string, options: CommonOptions) =>
      finish(options, async (context) => (await import('./commands/watch.js')).watch(context, id)),
  );
  withId('results', 'print tables of every path, summaries and endpoints')
    .addOption(new Option('--csv', 'all values in long format').conflicts('json'))
    .option('--metric <series>', 'only this series')
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
  withId('report', 'write a self-contained HTML page with figures and tables')
    .option('-o, --output <html>', 'output file', 'report.html')
    .option('--figures <folder>', 'also write every figure into this folder, as an SVG file')
    .action((id: string, options: ReportOptions) =>
      finish(options, async (context) =>
        (await import('./commands/report.js')).report(context, id, options),
      ),
    );
}

/** Commands that act on a running or stopped experiment. */
function interventionCommands(program: Command, finish: Finish): void {
  const withId = (name: string, description: string): Command =>
    declare(program, name, description).argument('<id>', idArgument);
  withId('resume', 'continue interrupted and cancelled runs; failed runs stay failed')
    .addOption(noWait('plan'))
    .option('--plan', 'show what would happen to every run; start nothing')
    .addOption(wideOption())
    .action((id: string, options: ResumeOptions) =>
      finish(options, async (context) =>
        (await import('./commands/resume.js')).resume(context, id, options),
      ),
    );
  withId(
    'verify-resume',
    'recompute finished runs with deliberate interruptions and compare the results',
  )
    .option('--runs <n>', 'number of finished runs to draw', positiveInteger, 3)
    .option('--seed <n>', 'seed of the draw of runs and interruptions', wholeNumber, 1)
    .action((id: string, options: VerifyResumeOptions) =>
      finish(options, async (context) =>
        (await import('./commands/verify-resume.js')).verifyResume(context, id, options),
      ),
    );
  withId('retry', 'run failed runs again, and the runs blocked by them')
    .addOption(new Option('--failed', 'all failed runs (default)').conflicts('match'))
    .option('--match <glob>', globText)
    .addOption(noWait())
    .action((id: string, options: RetryOptions) =>
      finish(options, async (context) =>
        (await import('./commands/resume.js')).retry(context, id, options),
      ),
    );
  withId('cancel', 'cancel an experiment or some of its runs; results are kept')
    .option('--match <glob>', globText)
    .action((id: string, options: MatchOptions) =>
      finish(options, async (context) =>
        (await import('./commands/cancel.js')).cancel(context, id, options),
      ),
    );
  withId('pause', 'start no further runs; running ones finish')
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
  declare(program, 'artifact', 'list the artifacts of a run, or download and verify one')
    .argument('<id>', idArgument)
    .argument('<run>', 'name of the run, as printed by status')
    .argument('[name]', 'artifact to download (default: list them)')
    .option('-o, --output <file>', 'output file')
    .action((id: string, run: string, name: string | undefined, options: ArtifactOptions) =>
      finish(options, async (context) =>
        (await import('./commands/artifact.js')).artifact(context, id, run, name, options),
      ),
    );
  exportCommand(program, finish);
  declare(program, 'verify', 'read every blob of an experiment and compare its digest')
    .argument('<id>', idArgument)
    .action((id: string, options: CommonOptions) =>
      finish(options, async (context) =>
        (await import('./commands/verify.js')).verify(context, id),
      ),
    );
  declare(program, 'gc', 'delete blobs that the database does not refer to')
    .option('--dry-run', 'list what would be deleted; delete nothing')
    .option('--grace <days>', 'keep blobs younger than this', days, 7)
    .action((options: GcOptions) =>
      finish(options, async (context) =>
        (await import('./commands/installation/gc.js')).gc(context, options),
      ),
    );
}
