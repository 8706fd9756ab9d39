/** Has the module of a network examined in a process of its own, which is ended if it takes too long. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  examinedSchema,
  type Examined,
  type ModuleQuestion,
} from '../../experiment/config/network-module.js';
import { UserError } from '../../experiment/errors.js';

const script = fileURLToPath(new URL('../../engine/networks/main.js', import.meta.url));

/** After TensorFlow has been loaded: a network of a hundred layers takes a few. */
const patience = 20;

/** Lines that TensorFlow writes about itself. */
const native = /^([IWEF]\d{4} |WARNING: All log messages before absl)/;

type Accepted = Exclude<Examined, { kind: 'refused' }>;

/** Throws a UserError about the file where the module is refused. */
export function examineModule(
  file: string,
  question: ModuleQuestion,
  mostSeconds = patience,
): Promise<Accepted> {
  const refusal = (what: string): UserError => new UserError('bad-input', `${file}: ${what}`);
  const child = fork(script, [], {
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let [said, timer]: [string, NodeJS.Timeout | undefined] = ['', undefined];
  child.stderr?.on('data', (data: Buffer) => (said = (said + String(data)).slice(-2000)));
  return new Promise((resolve, reject) => {
    const end = (work: () => void): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      work();
    };
    child.on('message', (message) => {
      const found = examinedSchema.parse(message);
      if (found.kind === 'refused') end(() => reject(refusal(found.message)));
      else if (found.kind !== 'ready') end(() => resolve(found));
      else {
        child.send(question);
        const late = refusal(`takes more than ${mostSeconds} s to build its graph`);
        timer = setTimeout(() => end(() => reject(late)), 1000 * mostSeconds);
      }
    });
    child.once('error', (error) => end(() => reject(error)));
    // Later than a message that it sent: the promise is settled then.
    child.once('close', () => {
      const lines = said.split('\n').filter((line) => line.trim() !== '' && !native.test(line));
      const last = lines.at(-1) ?? 'its process ended';
      end(() => reject(refusal(`could not be examined: ${last}`)));
    });
  });
}
