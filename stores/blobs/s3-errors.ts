/** Turns a failed S3 request into one line that says why. */
import { S3ServiceException } from '@aws-sdk/client-s3';
import { UserError } from '../../experiment/errors.js';

/** The HTTP status of what S3 refused; undefined where no answer came. */
export function httpStatus(error: unknown): number | undefined {
  return error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
}

const byStatus: Readonly<Record<number, string>> = {
  301: 'the bucket is in another region',
  403: 'access denied: wrong credentials, or no right to do this',
  404: 'there is no such bucket',
  503: 'S3 is overloaded',
};

/** Settings that the SDK misses before it sends any request. */
function unsetByName({ name, message }: Error): { what: string; hint: string } | undefined {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return {
      what: `no credentials: ${message.split('\n')[0]}`,
      hint: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role (docs/reference/connections.md)',
    };
  }
  if (message !== 'Region is missing') return undefined;
  return { what: 'no region', hint: 'set AWS_REGION to the region of the bucket' };
}

/** Nothing of the request but its place: a request carries its signature. */
export function explained(error: unknown, verb: string, place: string): UserError {
  const { message, code } = error as Error & { readonly code?: string };
  const said = message.split('\n')[0] || code || 'no answer';
  const unset = unsetByName(error as Error);
  if (unset !== undefined) {
    const { what, hint } = unset;
    return new UserError('usage', `cannot ${verb} ${place}: ${what}`, { cause: error, hint });
  }
  const why = byStatus[httpStatus(error) ?? 0] ?? said;
  return new UserError('dependency-down', `cannot ${verb} ${place}: ${why}`, {
    cause: error,
    hint: './isthmus up starts the local one; ISTHMUS_S3_ENDPOINT and ISTHMUS_S3_BUCKET name another',
  });
}
