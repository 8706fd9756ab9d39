/** Measures one row on every side in turn, round after round: what disturbs one round disturbs all sides. */
import { z } from 'zod';
import type { Peer } from './peers/peer.js';
import type { Variant } from './request.js';
import type { Row } from './rows.js';
import type { Rounds } from './spread.js';

export interface Sides {
  readonly own: Peer;
  readonly others: Readonly<Partial<Record<Variant, Peer>>>;
}

export interface Measured {
  readonly row: Row;
  readonly own: Rounds;
  readonly others: Readonly<Partial<Record<Variant, Rounds>>>;
}

/** While one side measures, the others wait for a line on stdin. */
export async function alternate(
  { own, others }: Sides,
  row: Row,
  inputs: string,
  rounds: number,
): Promise<Measured> {
  const { model, precision, block } = row;
  const measure = async (peer: Peer, work: string): Promise<number[]> => {
    const request = { command: 'time', work, model, precision, inputs, ...block };
    return z.array(z.number()).parse(await peer.ask(request));
  };
  const ownRounds: number[][] = [];
  const otherRounds: Partial<Record<Variant, number[][]>> = {};
  for (let round = 0; round < rounds; round++) {
    ownRounds.push(await measure(own, row.own));
    for (const [variant, peer] of Object.entries(others) as [Variant, Peer][]) {
      (otherRounds[variant] ??= []).push(await measure(peer, row.peer));
    }
  }
  return { row, own: ownRounds, others: otherRounds };
}
