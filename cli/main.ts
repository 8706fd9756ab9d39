/** Entry of the command line: arguments in, exit code out. */
import { writeSync } from 'node:fs';
import { exitCodes } from './terminal/exit-codes.js';
import { runProgram } from './program.js';

/** `isthmus results x | head` closes the pipe early: that is no failure. A full disk is. */
function endWithStream(stream: NodeJS.WriteStream, name: string): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(exitCodes.ok);
    sayLast(`error: ${name} cannot be written: ${error.message}\n`);
    process.exit(exitCodes.error);
  });
}

/** Standard error may be what failed; nobody is left to be told then. */
function sayLast(line: string): void {
  try {
    writeSync(process.stderr.fd, line);
  } catch {
    return;
  }
}

endWithStream(process.stdout, 'standard output');
endWithStream(process.stderr, 'standard error');
process.exitCode = await runProgram(process);
