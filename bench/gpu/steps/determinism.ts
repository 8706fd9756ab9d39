/** Whether two processes train to the same bits, with the switches for that and without, and what the switches cost. */
import { z } from 'zod';
import { UserError } from '../../../experiment/errors.js';
import { alternate } from '../../alternate.js';
import type { Peer } from '../../peers/peer.js';
import type { BenchModel } from '../../request.js';
import { compareRounds } from '../../spread.js';
import { times } from '../../timing-table.js';
import { startOwn, using, type ProofContext } from '../context.js';
import { drawOnce } from '../drawn-inputs.js';
import type { Tell } from '../findings.js';
import { speedRow } from '../speed-rows.js';

const steps = 20;
const rounds = 3;

export async function determinism(context: ProofContext, tell: Tell): Promise<void> {
  for (const model of context.models) {
    try {
      await trainTwice(context, model, tell);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      tell({ problem: `${model}: ${error.message}` });
    }
  }
}

async function trainTwice(context: ProofContext, model: BenchModel, tell: Tell): Promise<void> {
  const inputs = await drawOnce(model, context.work);
  const process = (deterministic: boolean, twin: string): Peer => {
    const name = `${model}-${deterministic ? 'with' : 'without'}-${twin}`;
    return startOwn(context, { name, precision: 'float32', deterministic });
  };
  await using(process(true, 'a'), async (on) => {
    await tellDigests(model, inputs, true, [on, process(true, 'b')], tell);
    await using(process(false, 'a'), async (off) => {
      await tellDigests(model, inputs, false, [off, process(false, 'b')], tell);
      await tellCost(context, model, inputs, { on, off }, tell);
    });
  });
}

/** The twin is over afterwards. */
async function tellDigests(
  model: BenchModel,
  inputs: string,
  deterministic: boolean,
  [first, twin]: readonly [Peer, Peer],
  tell: Tell,
): Promise<void> {
  const request = { command: 'digest', model, precision: 'float32', inputs, steps };
  const digest = async (peer: Peer) => z.string().parse(await peer.ask(request));
  const [a, b] = [await digest(first), await using(twin, digest)];
  const switches = deterministic ? 'on' : 'off';
  tell({
    table: 'digests',
    row: { model, steps, switches, 'one process': a, another: b, equal: a === b },
  });
  if (deterministic && a !== b) {
    tell({ problem: `${model}: two processes with the switches on ended with other weights` });
  }
}

async function tellCost(
  { device }: ProofContext,
  model: BenchModel,
  inputs: string,
  { on, off }: { readonly on: Peer; readonly off: Peer },
  tell: Tell,
): Promise<void> {
  const row = speedRow(device, model, 'training-step', 'float32');
  // Both sides are ours.
  const { own, others } = await alternate({ own: on, others: { plain: off } }, row, inputs, rounds);
  const without = others.plain!;
  const { value, low, high } = compareRounds(own, without);
  tell({
    table: 'cost of the switches',
    row: {
      ...{ model, 'with, ms a step: median (quartiles; min)': times(own) },
      'without, ms': times(without),
      'times as long (rounds)': `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    },
    samples: { with: own, without },
  });
}
