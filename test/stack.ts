/** The running stack, for tests: what `loadSettings` and a started `./isthmus` need to reach it. */
import { inject } from 'vitest';
import { loadSettings } from '../settings/settings.js';
import type { BlobStore } from '../stores/blobs/blob-store.js';
import { createBlobStore } from '../stores/blobs/s3-blob-store.js';
import { cleanEnv } from './environment.js';

export function stackEnv(): Readonly<Record<string, string>> {
  return { ...cleanEnv(), ISTHMUS_HOME: inject('stackHome') };
}

export function stackBlobs(): BlobStore {
  return createBlobStore(loadSettings(stackEnv()).s3);
}
