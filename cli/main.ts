/** Entry of the command line: arguments in, exit code out. */
import { runProgram } from './program.js';

/** `isthmus results x | head` closes the pipe early: that is no failure. */
function leaveWhenReaderLeaves(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

leaveWhenReaderLeaves(process.stdout);
leaveWhenReaderLeaves(process.stderr);
process.exitCode = await runProgram(process);
