// What a graph costs once is not paid again: encoded graphs stay on disk, sessions in the process.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { GraphNode } from '../../../numerics/graph/graph.js';
import { graphDigest, graphFolder, pruneGraphs } from '../../../engine/process/graph-files.js';
import { sessionPool } from '../../../engine/process/session-pool.js';

const constant = (value: number): GraphNode => ({
  ...{ kind: 'constant', name: 'c', shape: [1], dtype: 'float32' },
  values: Float32Array.of(value),
});
const folder = () => mkdtempSync(join(tmpdir(), 'isthmus-graphs-'));
const bytes = (text: string) => new TextEncoder().encode(text);

describe('the content of a graph', () => {
  test('is that of its nodes, values of constants included', () => {
    expect(graphDigest([constant(1)])).toBe(graphDigest([constant(1)]));
    expect(graphDigest([constant(1)])).not.toBe(graphDigest([constant(2)]));
    expect(graphDigest([constant(1)])).not.toBe(graphDigest([constant(1), constant(1)]));
  });
});

describe('encoded graphs', () => {
  test('are encoded once and found again', () => {
    const cache = folder();
    let encoded = 0;
    const encode = () => bytes(`graph ${++encoded}`);
    const first = graphFolder(cache, 'a', encode);
    expect(graphFolder(cache, 'a', encode)).toBe(first);
    expect(encoded).toBe(1);
    expect(readFileSync(join(first, 'saved_model.pb'), 'utf8')).toBe('graph 1');
    expect(readdirSync(cache)).toEqual(['a']);
  });

  test('that are cut short or changed are written anew', () => {
    const cache = folder();
    const found = graphFolder(cache, 'a', () => bytes('whole'));
    writeFileSync(join(found, 'saved_model.pb'), 'who');
    graphFolder(cache, 'a', () => bytes('whole'));
    expect(readFileSync(join(found, 'saved_model.pb'), 'utf8')).toBe('whole');
    expect(readdirSync(cache)).toEqual(['a']);
  });

  test('beyond the newest 512 are removed, oldest first', () => {
    const cache = folder();
    for (let i = 0; i < 515; i++) {
      mkdirSync(join(cache, `g${i}`));
      utimesSync(join(cache, `g${i}`), 1000 + i, 1000 + i);
    }
    pruneGraphs(cache);
    const left = new Set(readdirSync(cache));
    expect(left.size).toBe(512);
    expect([left.has('g2'), left.has('g3')]).toEqual([false, true]);
  });
});

describe('sessions', () => {
  const counting = () => {
    const events: string[] = [];
    const pool = sessionPool(
      {
        contentOf: graphDigest,
        load: (_nodes, content) => {
          const name = content.slice(0, 4);
          events.push(`load ${name}`);
          return {
            run: () => [],
            clear: () => void events.push(`clear ${name}`),
            dispose: () => void events.push(`dispose ${name}`),
          };
        },
      },
      1,
    );
    return { events, pool };
  };
  const [a, b] = [1, 2].map((value) => graphDigest([constant(value)]).slice(0, 4));

  test('serve the next caller with the same graph, emptied, and one caller at a time', () => {
    const { events, pool } = counting();
    const first = pool.load([constant(1)]);
    const second = pool.load([constant(1)]);
    first.dispose();
    first.dispose();
    pool.load([constant(1)]);
    second.dispose();
    expect(events).toEqual([`load ${a}`, `load ${a}`, `clear ${a}`, `clear ${a}`]);
  });

  test('that waited longest make room', () => {
    const { events, pool } = counting();
    pool.load([constant(1)]).dispose();
    pool.load([constant(2)]).dispose();
    expect(events.slice(2)).toEqual([`load ${b}`, `clear ${b}`, `dispose ${a}`]);
  });
});
