/**
 * `npm run test:nodes [-- VERSION ...]`: proves set-up, mnist-quick and tests on each supported version of Node.
 * Parts that passed on this very checkout are skipped: .isthmus/nodes/results.json remembers them.
 */
import { join } from 'node:path';
import { main } from '../infra/setup/main.mjs';
import { generated } from '../infra/setup/paths.mjs';
import { say, SetUpError } from '../infra/setup/progress.mjs';
import { readText, writeText } from '../infra/setup/stamp.mjs';
import { checkoutHash, tryNode, untried } from './node-trial.mjs';

/** The oldest that is supported, and the newest of each later long-term release. */
const versions = ['20.19.0', '22.23.5', '24.22.3', '26.12.1'];

const record = join(generated, 'nodes', 'results.json');

/** `22` and `22.23.5` both name that version. */
function isNamed(version, name) {
  return `${version}.`.startsWith(`${name}.`);
}

function chosen(names) {
  const unknown = names.find((name) => !versions.some((version) => isNamed(version, name)));
  if (unknown !== undefined)
    throw new SetUpError(`Node ${unknown} is not in the list: ${versions.join(', ')}`);
  if (names.length === 0) return versions;
  return versions.filter((version) => names.some((name) => isNamed(version, name)));
}

function tableLine({ version, setUp, quick, results, tests, outcome }) {
  const cells = [version.padEnd(8), setUp.padStart(9), quick.padStart(14), results.padEnd(12)];
  return [...cells, tests.padEnd(24), outcome].join('  ');
}

const head = {
  version: 'Node',
  setUp: 'set-up, s',
  quick: 'mnist-quick, s',
  results: 'its results',
  tests: 'tests',
  outcome: 'outcome',
};

/** Results are to be the same byte for byte on every Node. */
function haveSameResults(rows) {
  const different = new Set(rows.map(({ results }) => results).filter((digest) => digest !== '-'));
  if (different.size < 2) return true;
  say('the results of mnist-quick differ between versions of Node');
  return false;
}

function readRows() {
  return JSON.parse(readText(record) ?? '{}');
}

async function rowOf(version, checkout) {
  const before = readRows()[version];
  const row = before?.checkout === checkout ? before : { version, checkout, ...untried };
  if (row.outcome === 'passed') return row;
  return tryNode(version, row, (now) =>
    writeText(record, JSON.stringify({ ...readRows(), [version]: now })),
  );
}

await main(async () => {
  const asked = chosen(process.argv.slice(2));
  const checkout = checkoutHash();
  let interrupted = false;
  process.on('SIGINT', () => (interrupted = true)); // the step in progress fails of it, and is cleaned up after
  const rows = [];
  for (const version of asked) if (!interrupted) rows.push(await rowOf(version, checkout));
  for (const row of [head, ...rows]) console.log(tableLine(row));
  const same = haveSameResults(
    Object.values(readRows()).filter((row) => row.checkout === checkout),
  );
  return same && !interrupted && rows.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
});
