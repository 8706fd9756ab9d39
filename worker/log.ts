/** The worker's log: one JSON object a line on stdout, Temporal's own lines among them. */
import type { Logger as TemporalLogger } from '@temporalio/worker';
import pino, { type Logger } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export function createLog(level: LogLevel): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** Temporal tells of an error under `error`; pino serialises the one under `err`. */
export function temporalLogger(log: Logger): TemporalLogger {
  const at =
    (level: LogLevel) =>
    (message: string, meta: Readonly<Record<string, unknown>> = {}): void => {
      const { error, taskToken, timestampNanos, ...rest } = meta;
      void [taskToken, timestampNanos];
      log[level](error === undefined ? rest : { ...rest, err: error }, message);
    };
  const [trace, debug, info, warn, error] = logLevels.map(at) as [Say, Say, Say, Say, Say];
  const says = { trace, debug, info, warn, error };
  return {
    ...says,
    log: (level, message, meta) => says[level.toLowerCase() as LogLevel](message, meta),
  };
}

type Say = (message: string, meta?: Readonly<Record<string, unknown>>) => void;
