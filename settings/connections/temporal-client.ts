/** Connection options shared by the commands' client and the workers' native connection. */
import type { ConnectionOptions } from '@temporalio/client';
import type { NativeConnectionOptions } from '@temporalio/worker';
import type { TemporalSettings } from './temporal.js';

type Shared = Pick<NativeConnectionOptions, 'address' | 'tls' | 'apiKey' | 'metadata'>;

function shared({ address, tls, apiKey, metadata }: TemporalSettings): Shared {
  return {
    address,
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata: { ...metadata } }),
  };
}

/** gRPC reads its proxy from the environment: where there is to be none, as on loopback, it is told not to. */
export function clientOptions(settings: TemporalSettings): ConnectionOptions {
  const channelArgs = settings.proxy === undefined ? { 'grpc.enable_http_proxy': 0 } : {};
  return { ...shared(settings), channelArgs };
}

export function nativeOptions(settings: TemporalSettings): NativeConnectionOptions {
  const { proxy } = settings;
  return { ...shared(settings), ...(proxy === undefined ? {} : { proxy }) };
}
