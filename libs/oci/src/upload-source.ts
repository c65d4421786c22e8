/** How the bytes of a blob are had: all of them, and, where that can be done, those behind an offset. */
export interface UploadSource {
  open(): AsyncIterable<Uint8Array>;
  /** Opens at an offset; without it what is not wanted is read and dropped. */
  openAt?: ((offset: number) => AsyncIterable<Uint8Array>) | undefined;
}

/** A source that is read part by part, of which each may be wanted again. */
export interface PartReader {
  /** The bytes from `start` on, `length` of them, or all with `Infinity`. */
  read(start: number, length: number): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

interface Opened {
  iterator: AsyncIterator<Uint8Array>;
  /** Offset of the next byte, `rest` included. */
  at: number;
  rest: Uint8Array;
  busy: boolean;
}

/**
 * Reads a source in parts. It is opened once as long as the parts follow one another, so that many parts do not mean
 * many readings; any other part opens it again.
 */
export function readParts(source: UploadSource): PartReader {
  let current: Opened | undefined;

  const end = async (opened: Opened | undefined): Promise<void> => {
    await opened?.iterator.return?.(undefined);
  };
  const openFor = async (start: number): Promise<Opened> => {
    if (current !== undefined && !current.busy && current.at <= start) return current;
    // A reader that is still in use ends with that use.
    if (current?.busy === false) await end(current);
    const at = source.openAt === undefined ? 0 : start;
    const iterable = source.openAt?.(start) ?? source.open();
    current = { iterator: iterable[Symbol.asyncIterator](), at, rest: new Uint8Array(0), busy: false };
    return current;
  };

  return {
    async *read(start, length) {
      const opened = await openFor(start);
      opened.busy = true;
      try {
        const stop = start + length;
        while (opened.at < stop) {
          if (opened.rest.byteLength === 0) {
            const { value, done } = await opened.iterator.next();
            if (done === true) return;
            opened.rest = value;
          }
          const dropped = Math.min(Math.max(0, start - opened.at), opened.rest.byteLength);
          const piece = opened.rest.subarray(dropped, Math.min(opened.rest.byteLength, stop - opened.at));
          opened.rest = opened.rest.subarray(dropped + piece.byteLength);
          opened.at += dropped + piece.byteLength;
          if (piece.byteLength > 0) yield piece;
        }
      } finally {
        opened.busy = false;
        if (opened !== current) await end(opened);
      }
    },
    async close() {
      const last = current;
      current = undefined;
      if (last?.busy === false) await end(last);
    },
  };
}
