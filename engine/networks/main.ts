/** A process that examines the module of one network: the command line, which never computes, asks it and may end it. */
import type { Examined, ModuleQuestion } from '../../experiment/config/network-module.js';
import { watchForOrphanhood } from '../process/orphan-watch.js';
import { startTensorFlow } from '../process/tensorflow.js';
import { examine } from './examine.js';

watchForOrphanhood();
await startTensorFlow('cpu');
process.once('message', (question) => {
  // Both processes are of one build.
  void examine(question as ModuleQuestion).then(answer, (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
});
process.send?.({ kind: 'ready' });

function answer(examined: Examined): void {
  process.send?.(examined, () => process.exit(0));
}
