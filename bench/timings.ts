/** `npm run bench`: the tables of single steps, products and eigenvalues. */
import { writeFileSync } from 'node:fs';
import { UserError } from '../experiment/errors.js';
import { alternate, type Measured, type Sides } from './alternate.js';
import { makeInputs } from './inputs.js';
import { describeSides, hasAmx, warnOfLoad } from './machine.js';
import type { Precision } from './request.js';
import { selectRows, type Row, type TableName } from './rows.js';
import { usesPytorch, withSides } from './sides.js';
import { precisionTable, timingTable } from './timing-table.js';

export interface TimingOptions {
  readonly tables: readonly TableName[];
  readonly precisions: readonly Precision[];
  readonly rounds: number;
  readonly threads: number;
  readonly pytorch: boolean;
  readonly json?: string;
}

export async function timings(options: TimingOptions, say: (line: string) => void): Promise<void> {
  const pytorch = usesPytorch(options.pytorch, say);
  warnOfLoad(say);
  const { about, measured } = await withSides({ ...options, pytorch }, async (sides) => ({
    about: await describeSides(sides),
    measured: await measureRows(sides, options, say),
  }));
  console.log(`${about}; ${options.rounds} rounds\n\n${timingTable(measured, hasAmx())}`);
  const ofPrecision = precisionTable(measured, hasAmx());
  if (ofPrecision !== '') console.log(`\n${ofPrecision}`);
  if (options.json)
    writeFileSync(options.json, `${JSON.stringify({ about, measured }, null, 1)}\n`);
}

async function measureRows(
  sides: Sides,
  { tables, precisions, rounds }: TimingOptions,
  say: (line: string) => void,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const row of selectRows(tables, precisions)) {
    say(row.title);
    const found = await measureRow(sides, row, rounds, say);
    if (found !== null) measured.push(found);
  }
  return measured;
}

/** Null where one side cannot: the other rows of a long run are worth having. */
async function measureRow(
  sides: Sides,
  row: Row,
  rounds: number,
  say: (line: string) => void,
): Promise<Measured | null> {
  try {
    return await alternate(sides, row, await makeInputs(sides.own, row.model), rounds);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say(`  left out: ${error.message}`);
    process.exitCode = 1;
    return null;
  }
}
