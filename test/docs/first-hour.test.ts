/** The first hour as a newcomer has it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pageSession, runCommands } from './page-session.js';

const page = pageSession('docs/getting-started/first-hour.md');
beforeAll(() => page.open({ 'first.yaml': page.blocks('yaml')[0]! }));
afterAll(() => page.close(), 60_000);

const outputs = runCommands(page);

it('does what the page says of it', () => {
  for (const file of ['first.html', 'first.csv', 'outcomes.safetensors'])
    expect(existsSync(join(page.folder, file)), file).toBe(true);
  expect(outputs.some((output) => output.includes('9 runs: 9 new'))).toBe(true);
  expect(outputs.some((output) => output.includes('7 cached, 2 stale'))).toBe(true);
});

it('a command that fails is found, in the middle of a block too', async () => {
  const { code } = await page.shell('./isthmus plan frist.yaml\n./isthmus plan first.yaml');
  expect(code).not.toBe(0);
});
