/** Keeps the last lines that an engine printed, for error messages, and appends all of them to its log file. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

export interface EngineLog {
  attach(stream: Readable): void;
  /** The newest lines, oldest first. */
  tail(): readonly string[];
  /** Forgets the tail: it belongs to an earlier process. */
  reset(): void;
  close(): void;
}

const keptCharacters = 16_384;

export function createEngineLog(path: string): EngineLog {
  mkdirSync(dirname(path), { recursive: true });
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  let kept = '';
  file.on('error', () => undefined);
  return {
    attach(stream) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => {
        kept = (kept + text).slice(-keptCharacters);
        file.write(text);
      });
    },
    tail: () => kept.split('\n').filter((line) => line.trim() !== ''),
    reset: () => void (kept = ''),
    close: () => void file.end(),
  };
}
