/** One field of a protocol buffers message: its number, and a number or bytes. */
export type Field = { number: number; value: number } | { number: number; value?: undefined; bytes: Buffer };

/**
 * The fields of a message in the order in which they come; numbers above 2^53 lose precision. Throws a RangeError when
 * the bytes are no message (protobuf.dev, "Encoding": varint, 64-bit, length-delimited and 32-bit fields).
 */
export function* readFields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at];
      if (byte === undefined) break;
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError(`a number at byte ${at} does not end`);
  };
  const take = (length: number): Buffer => {
    const bytes = message.subarray(at, at + length);
    if (bytes.byteLength !== length) throw new RangeError(`a field at byte ${at} does not end`);
    at += length;
    return bytes;
  };
  while (at < message.byteLength) {
    const key = varint();
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, bytes: take(8) };
        break;
      case 2:
        yield { number, bytes: take(varint()) };
        break;
      case 5:
        yield { number, bytes: take(4) };
        break;
      default:
        throw new RangeError(`a field at byte ${at} has no known type`);
    }
  }
}

/** A field of bytes or text. */
export function writeBytes(number: number, value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(bytes.byteLength), bytes]);
}

/** A field that holds a number (not negative). */
export function writeNumber(number: number, value: number): Buffer {
  return Buffer.concat([writeVarint(number * 8), writeVarint(value)]);
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
