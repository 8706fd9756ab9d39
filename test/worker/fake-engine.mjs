/** An engine that speaks the protocol and does what the name of the run says, `behaviour/detail`. */
const environment = {
  isthmus: '0',
  node: process.version,
  tensorflow: 'fake',
  tfjs: 'fake',
  device: 'cpu',
  cpu: 'fake',
  threads: Number(process.env.OMP_NUM_THREADS ?? 1),
};

const digest = 'd'.repeat(64);
const done = {
  type: 'done',
  outputs: { weights: { digest, bytes: 4 } },
  tensorsLeft: 0,
  rssBytes: 1,
};
/** Told to wait until its metrics find room. */
let held = false;
const say = (message) => process.send(message);

/** Progress and one more metric again and again. */
function beat(ms) {
  let step = 0;
  setInterval(() => {
    if (held) return;
    step++;
    say({ type: 'progress', step, total: 1_000_000, phase: 'fake' });
    say({ type: 'metrics', rows: [{ series: 'batch_loss', x: step, value: 1 / step }] });
  }, ms);
}

function block(ms) {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(cell, 0, 0, ms);
}

const seriesOf = {
  evaluation: [
    ...['train_nll', 'train_loss', 'train_error', 'test_nll', 'test_loss', 'test_error'],
    'arc_length',
  ],
  attack: ['robust_nll'],
  spectrum: ['eigenvalue_mean'],
};

const behaviours = {
  succeed() {
    say({ type: 'progress', step: 1, total: 1, phase: 'fake' });
    say({ type: 'metrics', rows: [{ series: 'batch_loss', x: 0, value: 1.5 }] });
    say(done);
  },
  diverge() {
    const values = [NaN, Infinity, -Infinity];
    const why = { n: 1, reason: 'overflow' };
    const rows = values.map((value, x) => ({ series: 'batch_loss', x, value, ...why }));
    say({ type: 'metrics', rows });
    say(done);
  },
  fail: (type) => say({ type: 'failed', failure: { type, message: `scripted: ${type}` } }),
  leak: () => say({ ...done, tensorsLeft: 1 }),
  grow: () => say({ ...done, rssBytes: 1e15 }),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  'killed-from-outside': () => process.kill(process.pid, 'SIGKILL'),
  'exhaust-heap'() {
    process.stderr.write('FATAL ERROR: JavaScript heap out of memory\n');
    process.abort();
  },
  garbage: () => say({ type: 'done', outputs: 'none' }),
  hang: () => beat(1_000_000),
  'work-until-told': () => beat(50),
  /** Never ends at the first attempt and succeeds at once at the next. */
  'succeed-again'(_detail, epoch) {
    if (epoch > 1) behaviours.succeed();
    else beat(20);
  },
  /** Saved at step 3 of 10, it crashes, or as the detail says is at work until told; then it goes on from there. */
  checkpoint(detail, _epoch, _run, checkpointing) {
    const [newest] = checkpointing.saved;
    if (newest) {
      const refused = [{ step: 9, digest, why: 'scripted' }];
      const resumption = { step: newest.step, refused, otherMachine: null };
      say({ type: 'resumed', resumption });
      return behaviours.succeed();
    }
    const { everySeconds } = checkpointing.policy;
    say({ type: 'metrics', rows: [{ series: 'batch_loss', x: 3, value: everySeconds }] });
    const blob = { digest, bytes: 4 };
    say({ type: 'checkpoint', checkpoint: { step: 3, total: 10, blob } });
    if (detail === 'crash') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 100);
    else beat(50);
  },
  /** Ends by itself after that many milliseconds. */
  'take-time'(ms) {
    beat(20);
    setTimeout(() => say(done), Number(ms));
  },
  'fail-after'(ms) {
    beat(20);
    setTimeout(() => behaviours.fail('diverged'), Number(ms));
  },
  measure(_detail, _epoch, { spec }) {
    for (const series of seriesOf[spec.kind]) {
      const rows = spec.t.map((t) => ({
        series,
        x: t,
        value: series === 'arc_length' ? t : 2 * t,
      }));
      say({ type: 'metrics', rows });
    }
    say(done);
  },
  stubborn() {
    process.removeAllListeners('SIGTERM');
    process.on('SIGTERM', () => undefined);
    beat(50);
  },
  block(ms) {
    say({ type: 'progress', step: 1, total: 2, phase: 'blocking' });
    setTimeout(() => {
      block(Number(ms));
      say(done);
    }, 50);
  },
};

process.on('SIGTERM', () => process.exit(143));
process.on('disconnect', () => process.exit(1));
process.on('message', ({ type, job }) => {
  held = type === 'hold';
  if (type !== 'run') return;
  const [behaviour, detail] = job.run.name.split('/');
  behaviours[behaviour](detail, job.epoch, job.run, job.checkpointing);
});

if (process.env.FAKE_ENGINE_FAILS_TO_START) {
  process.stderr.write('engine: libtensorflow.so.2: cannot open shared object file\n');
  process.exit(1);
}
say({ type: 'ready', environment });
