/** Stands before the S3 server and does to each request what a schedule says. */
import { createServer, request, Agent, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type S3Fault =
  | { readonly type: 'answer'; readonly status: 500 | 503 }
  | { readonly type: 'delay'; readonly ms: number }
  /** The connection is cut before the server hears of the request. */
  | { readonly type: 'reset' }
  /** The server does what it is asked, and the connection is cut before its answer. */
  | { readonly type: 'lost-answer' }
  /** Half of the body comes, then the connection is cut. */
  | { readonly type: 'truncate' }
  /** One bit of the body is another. */
  | { readonly type: 'flip' }
  /** No answer, until the fault is over. */
  | { readonly type: 'silence' };

export interface S3Proxy {
  readonly endpoint: string;
  /** Decides about every request from now on; null lets them pass. */
  fault(rule: ((line: string) => S3Fault | null) | null): void;
  /** Called with each request before it is passed on, which waits for it. */
  watch(see: ((line: string) => Promise<void> | undefined) | null): void;
  readonly hits: () => number;
  close(): Promise<void>;
}

const busy = (status: number) =>
  `<?xml version="1.0"?><Error><Code>${status === 503 ? 'SlowDown' : 'InternalError'}</Code><Message>chaos</Message></Error>`;

export async function s3Proxy(target: string): Promise<S3Proxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let rule: ((line: string) => S3Fault | null) | null = null;
  let see: ((line: string) => Promise<void> | undefined) | null = null;
  let hits = 0;
  const silent = new Set<IncomingMessage>();

  async function serve(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const line = `${asked.method} ${asked.url}`;
    await see?.(line);
    const fault = rule?.(line) ?? null;
    if (fault) hits++;
    if (fault?.type === 'delay') await sleep(fault.ms);
    if (fault?.type === 'reset') return void asked.socket.destroy();
    if (fault?.type === 'silence') return void silent.add(asked);
    if (fault?.type === 'answer') {
      asked.resume();
      await once(asked, 'end');
      answer.writeHead(fault.status, { 'content-type': 'application/xml' });
      return void answer.end(busy(fault.status));
    }
    pass(asked, answer, fault);
  }
  function pass(asked: IncomingMessage, answer: ServerResponse, fault: S3Fault | null): void {
    const { method, url, headers } = asked;
    const onward = request({ host: hostname, port, method, path: url, headers, agent }, (got) => {
      if (fault?.type === 'lost-answer') {
        got.resume();
        return void asked.socket.destroy();
      }
      answer.writeHead(got.statusCode ?? 502, got.headers);
      if (method === 'HEAD' || fault === null || fault.type === 'delay')
        return void got.pipe(answer);
      void spoil(got, answer, fault);
    });
    onward.on('error', () => asked.socket.destroy());
    asked.on('error', () => onward.destroy());
    asked.pipe(onward);
  }
  const server = createServer((asked, answer) => {
    serve(asked, answer).catch(() => asked.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault(next) {
      rule = next;
      for (const asked of silent) asked.socket.destroy();
      silent.clear();
    },
    watch: (next) => void (see = next),
    hits: () => hits,
    async close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

async function spoil(got: IncomingMessage, answer: ServerResponse, fault: S3Fault): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of got) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  if (fault.type === 'truncate') {
    answer.write(body.subarray(0, body.byteLength >> 1), () => answer.destroy());
    return;
  }
  const middle = body.byteLength >> 1;
  if (body.byteLength > 0) body[middle] = body[middle]! ^ 1;
  answer.end(body);
}
