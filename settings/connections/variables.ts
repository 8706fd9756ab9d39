/** Environment variables for an external database, S3 service and Temporal (docs/reference/connections.md). */
import { z } from 'zod';

const text = z.string().min(1);
const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'not a postgresql:// address');
const httpAddress = z
  .string()
  .regex(/^https?:\/\/[^\s/]/, 'no scheme; write http://host:port or https://host');
const bucket = z
  .string()
  .regex(
    /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9]|arn:\S+)$/,
    'not the name of a bucket: 3 to 63 of a-z, 0-9, dots and hyphens, without s3://',
  );
const databaseVariables = {
  DATABASE_URL: databaseUrl.optional().describe('your own Postgres instead of the local one'),
  ISTHMUS_MIGRATE_DATABASE_URL: databaseUrl
    .optional()
    .describe(
      'for `migrate`, where DATABASE_URL names a pooler or a role that may not create tables',
    ),
  ISTHMUS_READER_DATABASE_URL: databaseUrl
    .optional()
    .describe(
      'for `sql` and `psql`: a role that may only read (default: DATABASE_URL in a read-only transaction; the local stack has such a role)',
    ),
  ISTHMUS_DATABASE_POOLER: z
    .enum(['transaction', 'none'])
    .optional()
    .describe('transaction: the same as pgbouncer=true in DATABASE_URL'),
};

const s3Variables = {
  ISTHMUS_S3_BUCKET: bucket.optional().describe('your own bucket instead of the local S3 server'),
  ISTHMUS_S3_ENDPOINT: httpAddress
    .optional()
    .describe('address of the S3 service, with its scheme (default: AWS)'),
  AWS_ENDPOINT_URL_S3: text.optional().describe('the same, second choice'),
  AWS_ENDPOINT_URL: text.optional().describe('the same, third choice'),
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: text
    .optional()
    .describe('true: only ISTHMUS_S3_ENDPOINT counts'),
  AWS_REGION: text.optional().describe('region of the bucket'),
  AWS_DEFAULT_REGION: text.optional().describe('the same, second choice'),
  AWS_ACCESS_KEY_ID: text.optional().describe('access key; needs AWS_SECRET_ACCESS_KEY'),
  AWS_SECRET_ACCESS_KEY: text.optional().describe('secret key; needs AWS_ACCESS_KEY_ID'),
  AWS_SESSION_TOKEN: text.optional().describe('token of temporary keys'),
  AWS_PROFILE: text.optional().describe('profile of the AWS configuration; refused beside keys'),
  AWS_CA_BUNDLE: text.optional().describe('PEM file with certificate authorities'),
  AWS_MAX_ATTEMPTS: text.optional().describe('attempts of each request (default 4)'),
  AWS_USE_FIPS_ENDPOINT: text.optional().describe('at AWS only'),
  AWS_USE_DUALSTACK_ENDPOINT: text.optional().describe('at AWS only'),
};

const temporalVariables = {
  TEMPORAL_ADDRESS: text
    .optional()
    .describe('host:port of your own Temporal instead of the local server'),
  TEMPORAL_NAMESPACE: text.optional().describe('namespace (default: default)'),
  TEMPORAL_UI_URL: httpAddress
    .optional()
    .describe('address of its UI, for the links that are printed'),
};

export const connectionVariables = { ...databaseVariables, ...s3Variables, ...temporalVariables };
