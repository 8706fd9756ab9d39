/** Backpressure: blocks the computation at its next pause while the worker cannot take metrics. */
export interface Gate {
  shut(): void;
  open(): void;
  /** Resolves at once while it is open, and when the signal is aborted. */
  pass(signal: AbortSignal): Promise<void>;
}

export function createGate(): Gate {
  let opened: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;
  return {
    shut() {
      if (opened) return;
      let resolve = (): void => undefined;
      const promise = new Promise<void>((settle) => (resolve = settle));
      opened = { promise, resolve };
    },
    open() {
      opened?.resolve();
      opened = null;
    },
    async pass(signal) {
      if (opened === null || signal.aborted) return;
      const over = new AbortController();
      const aborted = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { signal: over.signal }),
      );
      await Promise.race([opened.promise, aborted]).finally(() => over.abort());
    },
  };
}
