/** A stream of bytes that is read as much as is wanted at a time, without copying where the pieces allow it. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** At least one and at most `most` bytes, those that are at hand; undefined at the end. */
  async part(most: number): Promise<Buffer | undefined> {
    if (this.#at === this.#chunk.byteLength && !(await this.#more())) return undefined;
    const start = this.#at;
    this.#at = Math.min(start + most, this.#chunk.byteLength);
    return this.#chunk.subarray(start, this.#at);
  }

  /** Exactly `length` bytes, fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    if (this.#chunk.byteLength - this.#at >= length) {
      this.#at += length;
      return this.#chunk.subarray(this.#at - length, this.#at);
    }
    const parts: Buffer[] = [];
    for (let left = length; left > 0; ) {
      const part = await this.part(left);
      if (part === undefined) break;
      parts.push(part);
      left -= part.byteLength;
    }
    return Buffer.concat(parts);
  }

  /** Passes over `length` bytes; false when there are not as many. */
  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0; ) {
      const part = await this.part(left);
      if (part === undefined) return false;
      left -= part.byteLength;
    }
    return true;
  }

  /** To be called when nothing more is read. */
  async close(): Promise<void> {
    this.#chunk = Buffer.alloc(0);
    this.#at = 0;
    await this.#chunks.return?.();
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const { value, done } = await this.#chunks.next();
      if (done === true) return false;
      if (value.byteLength === 0) continue;
      this.#chunk = Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      this.#at = 0;
      return true;
    }
  }
}
