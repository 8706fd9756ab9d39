/** Operation counts against hand-computed ones, and what is read from oneDNN's lines. */
import { describe, expect, it } from 'vitest';
import { hindrances, timeShares } from '../../bench/limits/hindrances.js';
import { limitedRows } from '../../bench/limits/limits.js';
import { forwardOperations, workOperations } from '../../bench/limits/operations.js';
import { parsePrimitive, sumGroups } from '../../bench/limits/verbose.js';
import { precisions } from '../../bench/request.js';
import { tableNames } from '../../bench/rows.js';
import { modelLayers } from '../../experiment/catalogue/models/index.js';

/** 28 x 28 x 1 to 16, pooled to 14 x 14, to 32, pooled to 7 x 7; then 1568 to 100 to 10. */
const conv1 = 2 * 28 * 28 * 16 * 3 * 3;
const conv2 = 2 * 14 * 14 * 32 * 3 * 3 * 16;
const dense = 2 * 7 * 7 * 32 * 100 + 2 * 100 * 10;
const forward = { total: conv1 + conv2 + dense, first: conv1 };

describe('floating-point operations', () => {
  it('of cnn-small are those counted by hand', () => {
    expect(forwardOperations(modelLayers('cnn-small'), [28, 28, 1], 10)).toEqual(forward);
    expect(forward.total).toBe(2_347_728);
  });

  it('of a residual block are those of its branch and of its shortcut', () => {
    const initial = 'fan-out-normal';
    const convolution = (name: string, size: number) =>
      ({ kind: 'convolution', name, filters: 8, size, stride: 2, initial }) as const;
    const block = {
      kind: 'residual',
      name: 'block',
      branch: [convolution('a', 3)],
      shortcut: [convolution('b', 1)],
    } as const;
    const layers = [{ kind: 'batch-norm', name: 'bn' } as const, block, block];
    const sides = [8, 4];
    const [first, second] = sides.map((side, i) => 2 * side ** 2 * 8 * (i === 0 ? 4 : 8) * (9 + 1));
    expect(forwardOperations(layers, [16, 16, 4], 10)).toEqual({
      ...{ total: first! + second!, first },
    });
  });

  it('of training leave out the gradient in images; those of a step of PGD do not', () => {
    const { total } = forward;
    expect(workOperations('training-step', forward, 10)).toBe(3 * total - conv1);
    expect(workOperations('pgd-step', forward, 10)).toBe(2 * total);
    expect(workOperations('pgd-10', forward, 10)).toBe(22 * total);
    expect(workOperations('eigenvalues-closed-form', forward, 10)).toBe(10 * total);
    expect(workOperations('eigenvalues-lanczos', forward, 10)).toBeNull();
  });
});

describe('lines of oneDNN', () => {
  const line = (kind: string, direction: string, problem: string, ms: number) =>
    `onednn_verbose,v1,primitive,exec,cpu,${kind},brg:avx512_core,${direction},src:f32::blocked:acdb::f0,attr-scratchpad:user,alg:any,${problem},${ms}`;
  const convolution = 'mb128_ic16oc32_ih14oh14kh3sh1dh0ph1_iw14ow14kw3sw1dw0pw1';

  it('give group, time and operations', () => {
    expect(parsePrimitive(line('convolution', 'backward_weights', convolution, 2))).toEqual({
      ...{ group: 'backward weights', ms: 2, operations: 128 * conv2 },
    });
    expect(parsePrimitive(line('matmul', 'undef', '128x100:100x10', 0.5))).toEqual({
      ...{ group: 'matrix product', ms: 0.5, operations: 128 * 2 * 100 * 10 },
    });
    expect(parsePrimitive(line('reorder', 'undef', '32x16x3x3', 0.25))).toMatchObject({
      ...{ group: 'reorder', operations: 0 },
    });
    expect(parsePrimitive('onednn_verbose,v1,info,cpu,runtime:threadpool,nthr:2')).toBeNull();
    expect(parsePrimitive('{"result":1}')).toBeNull();
  });

  it('become shares of the time, and what costs most above the peak', () => {
    const lines = [
      line('convolution', 'forward_training', convolution, 4),
      line('reorder', 'undef', '32x16x3x3', 1),
    ];
    const primitives = lines.map((one) => parsePrimitive(one)!);
    const peak = (128 * conv2) / 0.002;
    const shares = timeShares(sumGroups(primitives), 10, peak);
    const find = (part: string) => shares.find((one) => one.part === part);
    expect(find('convolution forward')).toMatchObject({ share: 0.4, efficiency: 0.5 });
    expect(find('reorder')).toMatchObject({ share: 0.1, efficiency: null });
    expect(find('outside oneDNN')).toMatchObject({ share: 0.5 });
    expect(hindrances(shares)).toBe(
      '50 % of the time is outside oneDNN; convolution forward at 50 % of the peak for 40 % of the time',
    );
  });

  it('that overlap leave nothing outside', () => {
    const primitives = [1, 2].map(() => parsePrimitive(line('pooling', 'forward', 'mb1ic1', 10))!);
    const shares = timeShares(sumGroups(primitives), 10, 1);
    expect(shares.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(shares.at(-1)).toMatchObject({ part: 'outside oneDNN', share: 0 });
  });
});

describe('rows of limits', () => {
  it('have each work once, and none whose operations cannot be counted', () => {
    const works = limitedRows(tableNames, precisions).map(([row]) => row);
    const names = works.map(({ model, own, precision }) => [model, own, precision].join());
    expect(new Set(names).size).toBe(names.length);
    expect(works.filter(({ own }) => own === 'eigenvalues-closed-form')).toHaveLength(1);
    expect(works.some(({ own }) => own === 'eigenvalues-lanczos')).toBe(false);
    expect(names).not.toContain('vgg16,forward,bfloat16');
    expect(names).toContain('vgg16,training-step,bfloat16');
  });
});
