/** Ascents on random two-layer networks: means over the networks, and the values of each. */
import { mean, standardDeviation } from 'simple-statistics';
import type { TwoLayerSpec } from '../../experiment/kinds/two-layer.js';
import type { Outputs, RunInput } from '../../experiment/records/records.js';
import { rows } from '../../experiment/records/rows.js';
import {
  twoLayerAscents,
  type TwoLayerAscents,
} from '../../numerics/inner-maximisation/two-layer-ascents.js';
import { encodeSafetensors } from '../../stores/formats/safetensors.js';
import type { EngineContext } from '../toolkit/context.js';

export async function ascendTwoLayer(
  spec: TwoLayerSpec,
  _inputs: readonly RunInput[],
  context: EngineContext,
): Promise<Outputs> {
  const { networks } = spec;
  const found: TwoLayerAscents[] = [];
  for (let index = 0; index < networks; index++) {
    found.push(twoLayerAscents(spec, index));
    context.progress(index + 1, networks, 'ascending');
    await context.pause();
  }
  const all = (name: keyof TwoLayerAscents) => found.map((one) => one[name]);
  const [steps, spread, share] = [all('steps'), all('spread'), all('oneMaximiser')];
  context.metrics(
    rows(
      'two-layer',
      { x: 0, n: networks },
      {
        ...{ ascent_steps: mean(steps), ascent_steps_sd: standardDeviation(steps) },
        ...{ ascent_spread: mean(spread), ascent_spread_sd: standardDeviation(spread) },
        ...{ ascent_one_maximiser: mean(share), ascent_one_maximiser_sd: standardDeviation(share) },
        ascent_unsettled: mean(all('unsettled')),
      },
    ),
  );
  return { ascents: await context.blobs.put(encode(spec, found)) };
}

/** `steps`, `spread`, `one_maximiser` and `unsettled` of each network, [networks]. */
function encode(spec: TwoLayerSpec, found: readonly TwoLayerAscents[]): Uint8Array {
  const column = (name: keyof TwoLayerAscents) => ({
    ...{ dtype: 'F64' as const, shape: [found.length] },
    data: Float64Array.from(found, (one) => one[name]),
  });
  const tensors = new Map([
    ['steps', column('steps')],
    ['spread', column('spread')],
    ['one_maximiser', column('oneMaximiser')],
    ['unsettled', column('unsettled')],
  ]);
  return encodeSafetensors(tensors, { settings: JSON.stringify(spec) });
}
