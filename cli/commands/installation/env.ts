/** `env`: how other programs reach what Isthmus uses, as lines for a shell. */
import { loadSettings, type Settings } from '../../../settings/settings.js';
import { externalParts } from '../../../infra/local/parts.js';
import { secretsPath } from '../../../settings/local/secrets.js';
import { readVariables } from '../../../settings/variables.js';
import { blobPrefix } from '../../../stores/blobs/blob-keys.js';
import { readDatabaseUrl } from '../../../settings/connections/database-url.js';
import { printJson, type CommonOptions, type Context } from '../../terminal/context.js';
import { exitCodes, type ExitCode } from '../../terminal/exit-codes.js';

export interface EnvOptions extends CommonOptions {
  readonly secrets?: true;
}

interface Part {
  readonly title: string;
  /** Where its secrets are kept. */
  readonly kept: string | undefined;
  readonly notes: readonly string[];
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly secrets: Readonly<Record<string, string | undefined>>;
}

export async function env(context: Context, options: EnvOptions): Promise<ExitCode> {
  const settings = loadSettings(context.env);
  const external = externalParts(readVariables(context.env));
  const file = (field: string): string => `${field} in ${secretsPath(settings.home)}`;
  const parts = [
    temporalPart(settings, external.has('temporal')),
    postgresPart(settings, external.has('postgres') ? 'DATABASE_URL' : file('postgresPassword')),
    s3Part(settings, external.has('s3') ? 'AWS_*' : file('s3AccessKeyId, s3SecretAccessKey')),
  ];
  const withSecrets = options.secrets === true;
  if (context.json) printJson(context, envDocument(parts, withSecrets));
  else context.print(parts.map((part) => shellLines(part, withSecrets)).join('\n\n'));
  return exitCodes.ok;
}

function temporalPart({ temporal }: Settings, external: boolean): Part {
  const { address, namespace, uiUrl, apiKey } = temporal;
  return {
    title: 'Temporal',
    kept: external ? 'TEMPORAL_*' : undefined,
    notes: [`its UI: ${uiUrl}`],
    variables: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_UI_URL: uiUrl },
    secrets: { TEMPORAL_API_KEY: apiKey },
  };
}

function postgresPart({ databaseUrl }: Settings, kept: string): Part {
  const { client, schema } = readDatabaseUrl(databaseUrl);
  const { host, port, user, database, password } = client;
  return {
    title: 'Postgres',
    kept,
    notes: [`tables and the views v1_* in the schema ${schema ?? 'public'}`],
    variables: { PGHOST: host, PGPORT: String(port), PGUSER: user, PGDATABASE: database },
    secrets: { PGPASSWORD: typeof password === 'string' ? password : undefined },
  };
}

function s3Part({ s3 }: Settings, kept: string): Part {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey, sessionToken } = s3;
  return {
    title: 'S3',
    kept,
    notes: [
      `bucket ${bucket}`,
      `blobs: ${blobPrefix}<first 2 of the sha256>/<the other 62>`,
      'manifests: runs/<key of the run>/manifest.json',
    ],
    variables: { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region },
    secrets: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
  };
}

function known(variables: Part['variables']): readonly (readonly [string, string])[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

function shellLines(
  { title, kept, notes, variables, secrets }: Part,
  withSecrets: boolean,
): string {
  const shown = [...known(variables), ...(withSecrets ? known(secrets) : [])];
  const hidden = known(secrets).map(([name]) => name);
  const where =
    kept === undefined || hidden.length === 0 ? [] : [`${hidden.join(', ')}: ${kept} (--secrets)`];
  return [
    ...[title, ...notes, ...(withSecrets ? [] : where)].map((line) => `# ${line}`),
    ...shown.map(([name, value]) => `export ${name}=${quoted(value)}`),
  ].join('\n');
}

function quoted(value: string): string {
  return /^[\w.:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

function envDocument(parts: readonly Part[], withSecrets: boolean): unknown {
  return parts.map(({ title, kept, notes, variables, secrets }) => ({
    ...{ part: title, notes, variables, secretsKept: kept },
    ...(withSecrets ? { secrets } : {}),
  }));
}
