/** The page about environment variables, from their schema. */
import { z } from 'zod';
import { variableSchema } from '../../settings/variables.js';
import { code, page, table } from './markdown.js';
import { typeText, type SchemaNode } from './schema-text.js';

const intro = `Every variable with a type that Isthmus checks. An unknown name that begins with \`ISTHMUS_\` is
refused, with the nearest one. An empty variable counts as unset. The clients of Postgres, S3 and Temporal
read further variables of their own (\`PG*\`, \`AWS_*\`, \`TEMPORAL_*\`, proxies):
[connections](connections.md) lists which are honoured and which are refused. A GPU worker takes the GPUs of
\`CUDA_VISIBLE_DEVICES\` and finds NVIDIA's libraries by \`LD_LIBRARY_PATH\`; switches that could change what a
GPU computes it sets itself ([determinism](../concepts/determinism.md#on-a-gpu)).`;

export function variablesPage(): string {
  const { properties = {} } = z.toJSONSchema(variableSchema) as SchemaNode;
  const rows = Object.entries(properties).map(([name, field]) => [
    ...[code(name), typeText(field)],
    field.description ?? '',
  ]);
  return page('Environment variables', intro, table(['variable', 'value', 'meaning'], rows));
}
