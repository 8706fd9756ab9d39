/** Passwords of the local stack: generated at first start, kept in one owner-only file. */
import { createHmac, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../experiment/errors.js';

const secretsSchema = z.strictObject({
  postgresPassword: z.string().min(16),
  s3AccessKeyId: z.string().min(16),
  s3SecretAccessKey: z.string().min(16),
  /** Signs what SeaweedFS's own servers ask of each other. */
  s3InternalKey: z.string().min(16),
});

export type Secrets = Readonly<z.infer<typeof secretsSchema>>;

export function secretsPath(home: string): string {
  return join(home, 'secrets.json');
}

/** The folder is closed to others before anything is put into it; those above it are made as usual. */
export function makePrivateFolder(path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Undefined where the file is private, else what is wrong with it. */
export function exposure(path: string): string | undefined {
  const mode = statSync(path).mode & 0o777;
  return (mode & 0o077) === 0 ? undefined : `mode ${mode.toString(8)} lets other users in`;
}

function generate(): Secrets {
  return {
    postgresPassword: randomBytes(24).toString('hex'),
    s3AccessKeyId: randomBytes(10).toString('hex').toUpperCase(),
    s3SecretAccessKey: randomBytes(24).toString('hex'),
    s3InternalKey: randomBytes(24).toString('hex'),
  };
}

/** The password of the role that may only read: it follows from the other one, which cannot be found from it. */
export function readerPassword({ postgresPassword }: Pick<Secrets, 'postgresPassword'>): string {
  return createHmac('sha256', postgresPassword).update('isthmus reader').digest('hex');
}

export function readSecrets(home: string): Secrets {
  const path = secretsPath(home);
  const exposed = exposure(path);
  if (exposed !== undefined) {
    throw new UserError('bad-input', `${path}: ${exposed}`, { hint: `chmod 600 ${path}` });
  }
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    // The parser's own message would repeat the secrets: it stays in the cause.
    throw new UserError('bad-input', `${path} is not a secrets file`, { cause });
  }
}

/** Linking a finished file makes the name appear with its whole content, and never over an existing one. */
export function readOrCreateSecrets(home: string): Secrets {
  const path = secretsPath(home);
  if (existsSync(path)) return readSecrets(home);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(generate(), undefined, 2)}\n`, {
    mode: 0o600,
    flag: 'wx',
  });
  try {
    linkSync(draft, path);
  } finally {
    rmSync(draft);
  }
  return readSecrets(home);
}
