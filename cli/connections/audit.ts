/** Access to the whole bucket for one command, closed at its end. */
import type { S3Settings } from '../../settings/settings.js';
import type { BucketAudit } from '../../stores/blobs/bucket-audit.js';

export async function withAudit<T>(
  settings: S3Settings,
  work: (bucket: BucketAudit) => Promise<T>,
): Promise<T> {
  const { auditBucket } = await import('../../stores/blobs/s3-audit.js');
  const bucket = auditBucket(settings);
  try {
    return await work(bucket);
  } finally {
    bucket.close();
  }
}
