/** Exact nearest references, by TensorFlow's kernels. */
import * as tf from '@tensorflow/tfjs';

/** Norms in which neighbours are near. */
export type NeighbourNorm = 'l2' | 'linf';

/** A search among fixed references. */
export interface NeighbourSearch {
  /** The k nearest references of each of the points [n, d], the nearest first: [n, k, d]. */
  nearest(points: tf.Tensor2D, k: number): tf.Tensor3D;
  dispose(): void;
}

/** Copies the references [m, d]. Throws where fewer than k are asked of it. */
export function createNeighbourSearch(
  references: tf.Tensor2D,
  norm: NeighbourNorm,
): NeighbourSearch {
  const kept = tf.clone(references);
  const [count] = kept.shape;
  const ranking = norm === 'l2' ? byProducts(kept) : byTiles(kept);
  return {
    nearest: (points, k) =>
      tf.tidy(() => {
        if (k > count) throw new Error(`${k} neighbours of ${count} references`);
        const { indices } = tf.topk(tf.neg(ranking.rank(points)), k);
        return tf.gather(kept, indices) as tf.Tensor as tf.Tensor3D;
      }),
    dispose() {
      ranking.dispose();
      kept.dispose();
    },
  };
}

interface Ranking {
  /** Numbers in the order of the distances, [n, m]. */
  rank(points: tf.Tensor2D): tf.Tensor2D;
  dispose(): void;
}

/** ‖r‖² - 2⟨x, r⟩, which is ‖x - r‖² less what all references of a point share. */
function byProducts(references: tf.Tensor2D): Ranking {
  const squares = tf.tidy(() => tf.sum(tf.square(references), 1).reshape([1, -1]));
  return {
    rank: (points) => {
      const products = tf.matMul(points, references, false, true);
      return tf.sub<tf.Tensor2D>(squares, tf.mul(products, 2));
    },
    dispose: () => squares.dispose(),
  };
}

/** Points and references of one tile: of the sizes tried, its [16, 128, 784] went through the caches fastest. */
const tile = { points: 16, references: 128 } as const;

/** max_p (x_p - r_p)², tile by tile: a product as above has no such norm. */
function byTiles(references: tf.Tensor2D): Ranking {
  const [count, d] = references.shape;
  const tiles = starts(count, tile.references).map((from) => {
    const size = Math.min(tile.references, count - from);
    return tf.tidy(() => tf.slice(references, [from, 0], [size, d]).reshape([1, size, d]));
  });
  const rank = (points: tf.Tensor2D): tf.Tensor2D => {
    const rows = starts(points.shape[0], tile.points).map((from) =>
      tf.tidy(() => {
        const size = Math.min(tile.points, points.shape[0] - from);
        const some = tf.slice(points, [from, 0], [size, d]).reshape([size, 1, d]);
        const parts = tiles.map((those) =>
          tf.tidy(() => tf.max(tf.squaredDifference(some, those), 2)),
        );
        return tf.concat(parts as tf.Tensor2D[], 1);
      }),
    );
    return tf.concat(rows, 0);
  };
  return { rank, dispose: () => tf.dispose(tiles) };
}

function starts(count: number, size: number): readonly number[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => i * size);
}
