/** Chooses a direct connection to Temporal or the proxy that gRPC's environment variables name. */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { UserError } from '../../experiment/errors.js';
import type { Environment } from '../variables.js';

/** A proxy as Temporal's native connection takes it. */
export interface Proxy {
  readonly type: 'http-connect';
  /** host:port. */
  readonly targetHost: string;
  readonly basicAuth?: { readonly username: string; readonly password: string };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** host of host:port, [v6]:port or a bare host. */
export function addressHost(address: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(address)?.[1];
  return bracketed ?? (isIPv6(address) ? address : address.replace(/:\d+$/, ''));
}

export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return loopback.check(host);
  if (isIPv6(host)) return loopback.check(host, 'ipv6');
  return host === 'localhost' || host.endsWith('.localhost');
}

/**
 * The proxy for this address, by the rules of grpc-js, which the client follows by itself: the native connection of a
 * worker reads no variables, so both go the same way only if it is told. Undefined: straight.
 */
export function proxyFor(address: string, env: Environment): Proxy | undefined {
  const host = addressHost(address);
  const name = ['grpc_proxy', 'https_proxy', 'http_proxy'].find((variable) => env[variable]);
  if (name === undefined || isLoopback(host) || isExcepted(host, env)) return undefined;
  const refuse = (why: string): never => {
    throw new UserError('usage', `${name}: ${why}`, {
      hint: `no_grpc_proxy=${host} lets Temporal be reached without it`,
    });
  };
  const text = env[name] ?? '';
  if (!URL.canParse(text)) return refuse('not an address of the form http://host:port');
  const { protocol, hostname, port, username, password } = new URL(text);
  if (protocol !== 'http:') return refuse('gRPC takes proxies at http:// addresses only');
  const targetHost = `${hostname}:${port || 80}`;
  if (username === '') return { type: 'http-connect', targetHost };
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  return { type: 'http-connect', targetHost, basicAuth: { username: user, password: secret } };
}

function isExcepted(host: string, env: Environment): boolean {
  const list = (env['no_grpc_proxy'] || env['no_proxy'])?.split(',') ?? [];
  return list.some((entry) => host.endsWith(entry) || isInSubnet(host, entry));
}

function isInSubnet(host: string, entry: string): boolean {
  const [network = '', prefix = ''] = entry.split('/');
  if (!isIPv4(host) || !isIPv4(network) || !/^([0-9]|[12][0-9]|3[0-2])$/.test(prefix)) return false;
  const subnet = new BlockList();
  subnet.addSubnet(network, Number(prefix));
  return subnet.check(host);
}
