import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@baton/testkit';
import { describe, expect, test } from 'vitest';
import { fuzzText } from './fuzz-text.ts';
import { openResident } from './resident-port.ts';

/** A resident program that answers with the bytes as they are, changed by an expression over `text` (latin-1). */
function resident(change: string) {
  const directory = temporaryDirectory('resident');
  const source = `
    const { readSync, writeSync } = require('node:fs');
    const take = (size) => {
      const bytes = Buffer.alloc(size);
      for (let have = 0; have < size; ) {
        const got = readSync(0, bytes, have, size - have, null);
        if (got === 0) process.exit();
        have += got;
      }
      return bytes;
    };
    for (;;) {
      const held = take(take(4).readUInt32LE());
      const parts = [];
      for (let at = 9; at < held.length; ) {
        const length = held.readUInt32LE(at + 8);
        parts.push(held.subarray(at + 12, at + 12 + length));
        at += 12 + length;
      }
      const text = Buffer.concat(parts).toString('latin1');
      const answer = Buffer.from(${change}, 'latin1');
      const head = Buffer.alloc(4);
      head.writeUInt32LE(answer.length);
      const whole = Buffer.concat([head, answer]);
      for (let done = 0; done < whole.length; ) done += writeSync(1, whole, done);
    }`;
  writeFileSync(join(directory, 'program.cjs'), source);
  return openResident({ command: [process.execPath, join(directory, 'program.cjs')] });
}

describe('the text tier', () => {
  test('finds and shrinks a difference of two resident programs', async () => {
    const [old, changed] = [resident('text'), resident(`text.replaceAll('\\r\\n', '\\n')`)];
    const result = await fuzzText({ old, new: changed, seed: 3, count: 2000 });
    await Promise.all([old.close(), changed.close()]);
    expect(result.found?.value.reads.map(({ bytes }) => bytes.toString('hex')).join('')).toBe('0d0a');
    expect(result.found?.finding.message).toBe('at byte 0 OLD has "\\r\\n" and NEW has "\\n"');
  });

  test('tries all of them where there is none', async () => {
    const [old, same] = [resident('text'), resident('text')];
    expect(await fuzzText({ old, new: same, seed: 3, count: 500 })).toEqual({ tried: 500, flaky: 0, repeated: 0 });
    await Promise.all([old.close(), same.close()]);
  });

  test('a program that ends or is not there is an error, and no difference', async () => {
    const old = resident('text');
    const ending = openResident({ command: [process.execPath, '-e', 'console.error("oh"); process.exit(3)'] });
    await expect(fuzzText({ old, new: ending, seed: 3, count: 500 })).rejects.toMatchObject({
      code: 'SUBJECT_FAILED',
      message: expect.stringMatching(/ended with 3 while \d+ cases were open: oh$/),
    });
    const missing = openResident({ command: ['/no/such/program'] });
    await expect(fuzzText({ old, new: missing, seed: 3, count: 5 })).rejects.toMatchObject({ code: 'SUBJECT_FAILED' });
    await old.close();
  });
});
