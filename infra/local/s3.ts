/** SeaweedFS as the S3 server: one identity, its own servers closed to requests they did not sign themselves. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolsDir } from '../../settings/paths.js';
import { serverEnvironment, type Command, type Health, type Part, type Stack } from './part.js';
import { makePrivateFolder, type Secrets } from '../../settings/local/secrets.js';
import type { StackPorts } from '../../settings/local/stack-file.js';

export const weedBinary = join(toolsDir, 'seaweedfs/bin/weed');

function folder(home: string): string {
  return join(home, 's3');
}

function address({ ports }: Stack): string {
  return `http://127.0.0.1:${ports.s3}`;
}

function identities(secrets: Secrets): string {
  const credentials = [{ accessKey: secrets.s3AccessKeyId, secretKey: secrets.s3SecretAccessKey }];
  const actions = ['Admin', 'Read', 'Write', 'List', 'Tagging'];
  return JSON.stringify({ identities: [{ name: 'isthmus', credentials, actions }] });
}

/** Only the S3 port checks credentials of its own: without these keys the others would serve anybody. */
function signing(secrets: Secrets): string {
  const sections = ['jwt.signing', 'jwt.filer_signing', 'jwt.filer_signing.read'];
  return sections.map((name) => `[${name}]\nkey = "${secrets.s3InternalKey}"\n`).join('\n');
}

function portFlags(ports: StackPorts): readonly string[] {
  return [
    `-s3.port=${ports.s3}`,
    `-s3.port.grpc=${ports.s3Grpc}`,
    `-master.port=${ports.s3Master}`,
    `-master.port.grpc=${ports.s3MasterGrpc}`,
    `-volume.port=${ports.s3Volume}`,
    `-volume.port.grpc=${ports.s3VolumeGrpc}`,
    `-filer.port=${ports.s3Filer}`,
    `-filer.port.grpc=${ports.s3FilerGrpc}`,
    `-admin.port=${ports.s3Admin}`,
    `-admin.port.grpc=${ports.s3AdminGrpc}`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    '-metricsPort=0',
  ];
}

async function prepare({ home, secrets }: Stack): Promise<void> {
  const cwd = folder(home);
  makePrivateFolder(cwd);
  makePrivateFolder(join(cwd, 'data'));
  writeFileSync(join(cwd, 's3.json'), identities(secrets), { mode: 0o600 });
  // SeaweedFS looks for this name in its working folder.
  writeFileSync(join(cwd, 'security.toml'), signing(secrets), { mode: 0o600 });
}

async function command({ home, ports }: Stack): Promise<Command> {
  const listen = ['-ip=127.0.0.1', '-ip.bind=127.0.0.1', ...portFlags(ports)];
  const off = ['-webdav=false', '-admin.ui=false', '-master.telemetry=false'];
  const sockets = ['-filer.localSocket=filer.sock', '-s3.localSocket=s3.sock'];
  const s3 = ['-s3.config=s3.json', '-s3.autoCreateBucket=false'];
  return {
    file: weedBinary,
    args: ['-logtostderr=true', 'mini', '-dir=data', ...listen, ...off, ...sockets, ...s3],
    cwd: folder(home),
    env: serverEnvironment(home),
  };
}

async function health(stack: Stack): Promise<Health> {
  try {
    const answer = await fetch(`${address(stack)}/healthz`);
    await answer.body?.cancel();
    if (answer.ok) return { state: 'up', detail: 'with credentials only' };
    return { state: 'unhealthy', detail: `it answers ${answer.status}` };
  } catch {
    return { state: 'unhealthy', detail: `no answer on ${address(stack)}` };
  }
}

export const s3: Part = {
  name: 's3',
  title: 'S3 (SeaweedFS)',
  publicPorts: [{ name: 's3', title: 'S3', variable: 'ISTHMUS_S3_PORT' }],
  privatePorts: [
    's3Grpc',
    's3Master',
    's3MasterGrpc',
    's3Volume',
    's3VolumeGrpc',
    's3Filer',
    's3FilerGrpc',
    's3Admin',
    's3AdminGrpc',
  ],
  stopSignal: 'SIGTERM',
  stopTimeoutMs: 15_000,
  startTimeoutMs: 60_000,
  address,
  command,
  prepare,
  health,
};
