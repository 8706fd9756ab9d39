/** Environment variables for an external database, S3 service and Temporal (docs/connections.md). */
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
  DATABASE_URL: databaseUrl.optional(),
  /** The server itself, where DATABASE_URL names a pooler, or a role that may create tables. */
  ISTHMUS_MIGRATE_DATABASE_URL: databaseUrl.optional(),
  /** The same as pgbouncer=true in DATABASE_URL. */
  ISTHMUS_DATABASE_POOLER: z.enum(['transaction', 'none']).optional(),
};

const s3Variables = {
  ISTHMUS_S3_ENDPOINT: httpAddress.optional(),
  ISTHMUS_S3_BUCKET: bucket.optional(),
  AWS_ENDPOINT_URL_S3: text.optional(),
  AWS_ENDPOINT_URL: text.optional(),
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: text.optional(),
  AWS_REGION: text.optional(),
  AWS_DEFAULT_REGION: text.optional(),
  AWS_ACCESS_KEY_ID: text.optional(),
  AWS_SECRET_ACCESS_KEY: text.optional(),
  AWS_SESSION_TOKEN: text.optional(),
  AWS_PROFILE: text.optional(),
  AWS_CA_BUNDLE: text.optional(),
  AWS_MAX_ATTEMPTS: text.optional(),
  AWS_USE_FIPS_ENDPOINT: text.optional(),
  AWS_USE_DUALSTACK_ENDPOINT: text.optional(),
};

const temporalVariables = {
  TEMPORAL_ADDRESS: text.optional(),
  TEMPORAL_NAMESPACE: text.optional(),
  TEMPORAL_UI_URL: httpAddress.optional(),
};

export const connectionVariables = { ...databaseVariables, ...s3Variables, ...temporalVariables };
