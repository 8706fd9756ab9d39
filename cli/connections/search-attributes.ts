/** Search attributes of a workflow, only those that the cluster has: it refuses workflows with others. */
import { Connection, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { Plan } from '../../experiment/plan/plan.js';
import { searchAttributes } from '../../experiment/records/temporal-names.js';
import { searchValues } from '../../experiment/plan/start-options.js';

export async function searchAttributePairs(
  client: Client,
  plan: Plan,
): Promise<SearchAttributePair[]> {
  const known = await registered(client);
  const values = searchValues(plan);
  const names = Object.keys(searchAttributes) as (keyof typeof searchAttributes)[];
  return names.filter((name) => known.has(name)).map((name) => pair(name, values[name]));
}

/** A cluster may keep its list to itself: its workflows are then found by their ids, as all can be. */
async function registered({ connection, options }: Client): Promise<ReadonlySet<string>> {
  if (!(connection instanceof Connection)) return new Set();
  const { namespace } = options;
  const asked = connection.operatorService.listSearchAttributes({ namespace });
  const { customAttributes } = await asked.catch(() => ({ customAttributes: {} }));
  return new Set(Object.keys(customAttributes ?? {}));
}

function pair(name: keyof typeof searchAttributes, values: readonly string[]): SearchAttributePair {
  return searchAttributes[name] === 'Keyword'
    ? { key: defineSearchAttributeKey(name, 'KEYWORD'), value: values[0]! }
    : { key: defineSearchAttributeKey(name, 'KEYWORD_LIST'), value: [...values] };
}
