/** Stands before Postgres: cuts, delays or silences its connections, and stops at chosen statements. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';

type DatabaseMode =
  | { readonly type: 'open' }
  /** Nobody is let in, and everybody is thrown out. */
  | { readonly type: 'down' }
  | { readonly type: 'delay'; readonly ms: number }
  /** Open connections stay open, and nothing comes through. */
  | { readonly type: 'silent' };

/** Where in the life of a statement a trap springs: before the server hears it, or when it is committed and nobody knows. */
type TrapSide = 'before' | 'after';

export interface DatabaseProxy {
  readonly url: string;
  mode(next: DatabaseMode): void;
  cutAll(): void;
  /** Calls back at the first statement that fits; it, or its answer, waits until the call is over. */
  trap(text: string, side: TrapSide, sprung: () => Promise<void>): void;
  disarm(): void;
  close(): Promise<void>;
}

interface Trap {
  readonly text: string;
  readonly side: TrapSide;
  readonly sprung: () => Promise<void>;
}

export async function databaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl);
  const links = new Set<() => void>();
  let mode: DatabaseMode = { type: 'open' };
  let trap: Trap | null = null;
  const waiting = new Set<() => void>();
  const goOn = (): void => {
    for (const resume of waiting) resume();
    waiting.clear();
  };
  const held = async (): Promise<void> => {
    if (mode.type === 'delay') await new Promise((resolve) => setTimeout(resolve, delayMs(mode)));
    while (mode.type === 'silent') await new Promise<void>((resolve) => waiting.add(resolve));
  };
  const spring = (side: TrapSide): Promise<void> | undefined => {
    if (trap?.side !== side) return undefined;
    const { sprung } = trap;
    trap = null;
    return sprung();
  };

  const server = createServer((near) => {
    if (mode.type === 'down') return void near.destroy();
    const far = connect(Number(target.port), target.hostname);
    const cut = (): void => {
      near.destroy();
      far.destroy();
      links.delete(cut);
    };
    links.add(cut);
    /** The connection has sent the statement whose commit is awaited. */
    let seen = false;
    forward(near, far, async (chunk) => {
      await held();
      if (trap === null || !chunk.includes(trap.text)) return;
      if (trap.side === 'before') await spring('before');
      else seen = true;
    });
    forward(far, near, async (chunk) => {
      await held();
      if (!seen || !isIdle(chunk)) return;
      seen = false;
      await spring('after');
    });
    for (const socket of [near, far]) socket.on('error', cut).on('close', cut);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  const cutAll = (): void => [...links].forEach((cut) => cut());
  return {
    url: url.href,
    cutAll,
    mode(next) {
      mode = next;
      if (next.type === 'down') cutAll();
      goOn();
    },
    trap: (text, side, sprung) => void (trap = { text, side, sprung }),
    disarm: () => void (trap = null),
    async close() {
      mode = { type: 'down' };
      goOn();
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}

function delayMs(mode: DatabaseMode): number {
  return mode.type === 'delay' ? mode.ms : 0;
}

/** In order, and no faster than the other side reads. */
function forward(from: Socket, to: Socket, before: (chunk: Buffer) => Promise<void>): void {
  void (async () => {
    for await (const chunk of from) {
      await before(chunk as Buffer);
      if (to.destroyed) break;
      if (!to.write(chunk as Buffer)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  })().catch(() => to.destroy());
}

/** The server is ready for a query outside of any transaction. */
function isIdle(chunk: Buffer): boolean {
  return chunk.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]));
}
