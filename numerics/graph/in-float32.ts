/** Marks what is computed while a graph is captured as not to be rewritten to a lower precision. */

let depth = 0;

/** Excludes the ops of `f` from bfloat16 rewriting: scores, losses and everything else that is reported. */
export function inFloat32<T>(f: () => T): T {
  depth += 1;
  try {
    return f();
  } finally {
    depth -= 1;
  }
}

/** The mark of an op that is recorded now. */
export function exactness(): { readonly exact?: true } {
  return depth > 0 ? { exact: true } : {};
}
