/** Starts an engine, gives it a job and prints its pid once it is at work. */
import { fork } from 'node:child_process';

const [script, name] = process.argv.slice(2);
const engine = fork(script, [], { serialization: 'advanced' });
let told = false;
engine.on('message', ({ type }) => {
  if (type === 'ready' && name !== 'idle') engine.send({ type: 'run', job: { run: { name } } });
  const atWork = type === 'progress' || (type === 'ready' && name === 'idle');
  if (atWork && !told) setTimeout(() => process.stdout.write(`${engine.pid}`), 200);
  told ||= atWork;
});
