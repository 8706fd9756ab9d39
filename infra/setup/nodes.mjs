/**
 * `npm run test:nodes [-- VERSION ...]`: proves set-up, mnist-quick and tests on each supported version of Node.
 * Versions that passed on this very checkout are not run again, unless named.
 */
import { join } from 'node:path';
import { main } from './main.mjs';
import { checkoutHash, tryNode } from './node-trial.mjs';
import { generated } from './paths.mjs';
import { say, SetUpError } from './progress.mjs';
import { readText, writeText } from './stamp.mjs';

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

/** The same numbers, byte for byte, whatever Node computes them. */
function compareResults(rows) {
  const different = new Set(rows.map(({ results }) => results).filter((digest) => digest !== '-'));
  if (different.size < 2) return true;
  say('the results of mnist-quick differ between versions of Node');
  return false;
}

await main(async () => {
  const names = process.argv.slice(2);
  const asked = chosen(names);
  const checkout = checkoutHash();
  const recorded = () => JSON.parse(readText(record) ?? '{}');
  const isDone = (row) => row?.checkout === checkout && row.outcome === 'passed';
  let interrupted = false;
  process.on('SIGINT', () => (interrupted = true)); // the step in progress fails of it, and is cleaned up after
  const rows = [];
  for (const version of asked) {
    if (interrupted) break;
    const before = recorded()[version];
    const isKnown = names.length === 0 && isDone(before);
    const row = isKnown ? before : { ...(await tryNode(version)), checkout };
    if (!isKnown) writeText(record, JSON.stringify({ ...recorded(), [version]: row }));
    rows.push(row);
  }
  for (const row of [head, ...rows]) console.log(tableLine(row));
  const same = compareResults(Object.values(recorded()).filter(isDone));
  return same && !interrupted && rows.every(({ outcome }) => outcome === 'passed') ? 0 : 1;
});
