/** `npm test`: sets up, runs every test, and closes with one line of counts. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runInForeground } from '../infra/setup/command.mjs';
import { main, setUp } from '../infra/setup/main.mjs';
import { generated, modules } from '../infra/setup/paths.mjs';

const results = join(generated, 'test', 'results.json');

/** A file that fails before its first test counts as one failure, and so does a run that fails outside any test. */
function counts(exitCode) {
  const { numPassedTests: passed, testResults } = readResults();
  const failedTests = testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed'),
  );
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = failedTests.length + brokenFiles.length;
  return { passed, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

function readResults() {
  try {
    return JSON.parse(readFileSync(results, 'utf8'));
  } catch {
    return { numPassedTests: 0, testResults: [] }; // it ended before any test
  }
}

await main(async () => {
  await setUp();
  mkdirSync(join(generated, 'test'), { recursive: true });
  rmSync(results, { force: true });
  const vitest = [process.execPath, join(modules, 'vitest', 'vitest.mjs'), 'run'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const code = await runInForeground([...vitest, ...reporters, ...process.argv.slice(2)]);
  const { passed, failed } = counts(code);
  console.log(`${passed} passed, ${failed} failed`);
  return code;
});
