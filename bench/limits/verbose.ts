/** Reads what oneDNN writes under ONEDNN_VERBOSE=1: one line for each primitive, with its problem and its time. */

/** Groups of primitives, in the order of a table's columns. */
export const groups = [
  'convolution forward',
  'backward data',
  'backward weights',
  'matrix product',
  'reorder',
  'pooling',
  'batch norm',
  'other primitives',
] as const;
export type Group = (typeof groups)[number];

/** The groups whose operations are counted. */
export const productGroups: ReadonlySet<Group> = new Set(groups.slice(0, 4));

export interface Primitive {
  readonly group: Group;
  readonly ms: number;
  /** Floating-point operations; 0 for all but convolutions and matrix products. */
  readonly operations: number;
}

/** How such a line begins. */
export const verbosePrefix = 'onednn_verbose,';

/** The primitive that a line reports, or null where it reports something else. */
export function parsePrimitive(line: string): Primitive | null {
  if (!line.startsWith(verbosePrefix)) return null;
  const fields = line.split(',');
  if (fields[2] !== 'primitive' || fields[3] !== 'exec') return null;
  const [kind, direction] = [fields[5]!, fields[7]!];
  const problem = fields.at(-2)!;
  return {
    group: groupFor(kind, direction),
    ms: Number(fields.at(-1)),
    operations: operations(kind, problem),
  };
}

function groupFor(kind: string, direction: string): Group {
  switch (kind) {
    case 'convolution':
      if (direction === 'backward_data') return 'backward data';
      return direction === 'backward_weights' ? 'backward weights' : 'convolution forward';
    case 'matmul':
    case 'inner_product':
      return 'matrix product';
    case 'reorder':
      return 'reorder';
    case 'pooling':
      return 'pooling';
    case 'batch_normalization':
      return 'batch norm';
    default:
      return 'other primitives';
  }
}

function operations(kind: string, problem: string): number {
  if (kind === 'convolution') return convolutionOperations(problem);
  return kind === 'matmul' ? matrixOperations(problem) : 0;
}

/** e.g. `mb128_ic16oc32_ih14oh14kh3sh1dh0ph1_iw14ow14kw3sw1dw0pw1`. */
function convolutionOperations(problem: string): number {
  const sizes = new Map(
    [...problem.matchAll(/([a-z]+)(\d+)/g)].map(([, name, size]) => [name!, Number(size)]),
  );
  const factors = ['mb', 'ic', 'oc', 'oh', 'ow', 'kh', 'kw'].map((name) => sizes.get(name) ?? NaN);
  return (2 * factors.reduce((a, b) => a * b, 1)) / (sizes.get('g') ?? 1);
}

/** e.g. `128x100:100x1568`; axes before the last two are a batch. */
function matrixOperations(problem: string): number {
  const [left, right] = problem.split(':').map((shape) => shape.split('x').map(Number));
  return 2 * left!.reduce((a, b) => a * b, 1) * right!.at(-1)!;
}

export interface GroupSum {
  readonly ms: number;
  readonly operations: number;
}

/** Milliseconds and operations of each group, all primitives together. */
export function sumGroups(primitives: readonly Primitive[]): ReadonlyMap<Group, GroupSum> {
  return new Map(
    groups.map((group) => {
      const own = primitives.filter((primitive) => primitive.group === group);
      const sum = (of: (primitive: Primitive) => number) => own.reduce((s, p) => s + of(p), 0);
      return [group, { ms: sum(({ ms }) => ms), operations: sum((p) => p.operations) }];
    }),
  );
}
