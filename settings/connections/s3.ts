/** S3 connection of a deployment, from the variables that AWS clients read. */
import { readFileSync } from 'node:fs';
import { UserError } from '../../experiment/errors.js';
import type { Variables } from '../variables.js';

export interface S3Settings {
  /** Undefined: the region's own endpoint at AWS, or the one of the profile. */
  readonly endpoint: string | undefined;
  /** Undefined: the profile's. */
  readonly region: string | undefined;
  readonly bucket: string;
  /** Without keys the SDK looks for credentials in its usual places: profile, SSO, web identity, container, instance. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken: string | undefined;
  readonly forcePathStyle: boolean;
  /** A file of certificates that replace the usual authorities. */
  readonly caBundle: string | undefined;
  /** Undefined: our own number. */
  readonly maxAttempts: number | undefined;
}

type Keys = Pick<S3Settings, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

function refuse(message: string, hint?: string): never {
  throw new UserError('usage', message, hint === undefined ? {} : { hint });
}

function keys(variables: Variables): Keys {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = variables;
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    if (sessionToken !== undefined) refuse('AWS_SESSION_TOKEN needs the two keys it came with');
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  if (accessKeyId === undefined) refuse('AWS_SECRET_ACCESS_KEY needs AWS_ACCESS_KEY_ID');
  if (secretAccessKey === undefined) refuse('AWS_ACCESS_KEY_ID needs AWS_SECRET_ACCESS_KEY');
  if (variables.AWS_PROFILE !== undefined) {
    refuse(
      'AWS_PROFILE and AWS_ACCESS_KEY_ID are both set',
      'unset one: AWS clients differ in which they take',
    );
  }
  return { accessKeyId, secretAccessKey, sessionToken };
}

const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true';

function s3Endpoint(variables: Variables): string | undefined {
  if (variables.ISTHMUS_S3_ENDPOINT !== undefined) {
    return checkedEndpoint('ISTHMUS_S3_ENDPOINT', variables.ISTHMUS_S3_ENDPOINT);
  }
  if (isTrue(variables.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS)) return undefined;
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL'] as const) {
    const value = variables[name];
    if (value !== undefined) return checkedEndpoint(name, value);
  }
  return undefined;
}

/** Both hold only where they are used: elsewhere the variables of other programs would stop us. */
function checkedEndpoint(name: string, value: string): string {
  if (!/^https?:\/\/[^\s/]/.test(value) || !URL.canParse(value)) {
    refuse(`${name}: no scheme; write http://host:port or https://host`);
  }
  if (new URL(value).username !== '') {
    refuse(`${name} holds credentials`, 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY name them');
  }
  return value;
}

function refuseVariants(variables: Variables): void {
  const names = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'] as const;
  const name = names.find((one) => isTrue(variables[one]));
  if (name !== undefined) refuse(`${name} chooses among AWS's endpoints, and another one is named`);
}

function caBundle({ AWS_CA_BUNDLE: path }: Variables): string | undefined {
  if (path === undefined) return undefined;
  let text = '';
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    refuse(`AWS_CA_BUNDLE: ${path}: ${(cause as NodeJS.ErrnoException).code ?? 'cannot be read'}`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    refuse(`AWS_CA_BUNDLE: ${path} holds no certificate in PEM form`);
  }
  return path;
}

function attempts({ AWS_MAX_ATTEMPTS: text }: Variables): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1) return Number(text);
  return refuse(`AWS_MAX_ATTEMPTS: ${text} is not a whole number from 1 to 99`);
}

/** AWS_* alone changes nothing: they are often set for other programs. */
export function externalS3(variables: Variables): S3Settings | undefined {
  const { ISTHMUS_S3_ENDPOINT, ISTHMUS_S3_BUCKET: bucket } = variables;
  if (bucket === undefined) {
    if (ISTHMUS_S3_ENDPOINT !== undefined) refuse('ISTHMUS_S3_ENDPOINT needs ISTHMUS_S3_BUCKET');
    return undefined;
  }
  const endpoint = s3Endpoint(variables);
  if (endpoint !== undefined) refuseVariants(variables);
  const region = variables.AWS_REGION ?? variables.AWS_DEFAULT_REGION;
  return {
    endpoint,
    // Of other services than AWS the name of the region matters only to the signature.
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    bucket,
    ...keys(variables),
    forcePathStyle: endpoint !== undefined,
    caBundle: caBundle(variables),
    maxAttempts: attempts(variables),
  };
}
