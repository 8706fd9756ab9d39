/** Where the numbers come from: identity, software, hardware, and the configuration itself. */
import { stringify } from 'yaml';
import { gpuText } from '../../experiment/records/machine.js';
import type { Environment, GpuEnvironment } from '../../experiment/records/records.js';
import { html, nothing, type Html } from '../html.js';
import type { ExperimentView } from '../view/records.js';

export function provenance(view: ExperimentView): Html {
  const environments = distinctEnvironments(view);
  return html`<dl>
      <dt>experiment</dt>
      <dd>${view.id}</dd>
      <dt>signature</dt>
      <dd>${view.signature}</dd>
      <dt>state</dt>
      <dd>${view.state}</dd>
      <dt>started</dt>
      <dd>${view.createdAt.toISOString()}</dd>
      ${
        view.finishedAt
          ? html`<dt>finished</dt>
              <dd>${view.finishedAt.toISOString()}</dd>`
          : nothing
      }
    </dl>
    ${environments.map((environment, i) => environmentList(environment, environments.length > 1 ? i + 1 : null))}
    <p class="quiet">The whole configuration, defaults included:</p>
    <pre>${stringify(view.config)}</pre> `;
}

/** Digests are comparable only between equal environments, so every one is shown. */
function distinctEnvironments({ runs }: ExperimentView): readonly Environment[] {
  const found = runs.flatMap(({ environment }) => (environment ? [environment] : []));
  return [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
}

function environmentList(environment: Environment, number: number | null): Html {
  const { isthmus, node, tensorflow, tfjs, device, cpu, threads, gpu, otherMachine } = environment;
  return html`<dl>
    <dt>${number === null ? 'computed by' : `environment ${number}`}</dt>
    <dd>Isthmus ${isthmus}, Node ${node}, TensorFlow ${tensorflow}, tfjs ${tfjs}</dd>
    <dt>on</dt>
    <dd>${device}: ${cpu}, ${threads} thread${threads === 1 ? '' : 's'}</dd>
    ${gpu === undefined ? nothing : gpuList(gpu)}
    ${
      otherMachine === undefined
        ? nothing
        : html`<dt>begun elsewhere</dt>
            <dd>${otherMachine}</dd>`
    }
  </dl> `;
}

function gpuList({ card, libraries, switches }: GpuEnvironment): Html {
  const memory = card?.memoryMb ? `, ${card.memoryMb} MB` : '';
  const uuid = card === null ? '' : `, ${card.mig?.uuid ?? card.uuid}`;
  return html`<dt>GPU</dt>
    <dd>${gpuText(card)}${memory}${uuid}</dd>
    <dt>its libraries</dt>
    <dd>${pairs(libraries, ' ')}</dd>
    <dt>its switches</dt>
    <dd>${pairs(switches, '=')}</dd>`;
}

function pairs(record: Readonly<Record<string, string>>, sign: string): string {
  return Object.keys(record)
    .sort()
    .map((name) => `${name}${sign}${record[name]}`)
    .join(', ');
}
