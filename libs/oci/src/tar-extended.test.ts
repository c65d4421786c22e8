import { describe, expect, test } from 'vitest';
import { invalidLayer, readExtended } from './tar-extended.ts';
import { encodeHeader, padding } from './tar-header.ts';
import { entry } from './test-tar.ts';

/** An extended header of a type with exactly this body. */
function extended(type: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  const block = encodeHeader({ ...entry('x'), size: bytes.byteLength });
  block.write(type, 156, 'latin1');
  return Buffer.concat([block, bytes, Buffer.alloc(padding(bytes.byteLength))]);
}

const read = (raw: Buffer, globals = new Map<string, Buffer>()): [string, string][] =>
  [...readExtended(raw, globals, 'layer')].map(([key, value]) => [key, value.toString('latin1')]);
const invalid = (part: string): Error =>
  expect.objectContaining({ code: 'LAYER_INVALID', message: expect.stringContaining(part) as string }) as Error;

describe('readExtended', () => {
  test('reads records whose values hold anything', () => {
    expect(read(extended('x', '11 path=ab\n17 comment=a=b\nc\n'))).toEqual([
      ['path', 'ab'],
      ['comment', 'a=b\nc'],
    ]);
    const raw = extended(
      'x',
      Buffer.concat([Buffer.from('21 SCHILY.xattr.a='), Buffer.from([0xff, 0]), Buffer.from('\n')]),
    );
    expect(read(raw)).toEqual([['SCHILY.xattr.a', '\xff\0']]);
  });

  test('an own record wins over a global one, and a global one stays', () => {
    const globals = new Map<string, Buffer>();
    expect(read(Buffer.concat([extended('g', '9 uid=10\n'), extended('x', '9 uid=20\n')]), globals)).toEqual([
      ['uid', '20'],
    ]);
    expect(read(Buffer.alloc(0), globals)).toEqual([['uid', '10']]);
    expect(read(extended('g', '7 uid=\n'), globals)).toEqual([]);
  });

  test('GNU long names are passed over', () => {
    expect(
      read(Buffer.concat([extended('L', 'long\0'), extended('K', 'target\0'), extended('x', '8 gid=1\n')])),
    ).toEqual([['gid', '1']]);
  });

  test.each(['path', 'linkpath', 'size'])('a global %s is refused: readers disagree about it', (key) => {
    const length = key.length + 5;
    expect(() => read(extended('g', `${length + (length > 9 ? 1 : 0)} ${key}=1\n`))).toThrow(invalid('global'));
  });

  test.each([
    '11 path=ab',
    '10 path=ab\n',
    '99 path=ab\n',
    '0 path=ab\n',
    '-5 path=ab\n',
    'xx path=ab\n',
    ' path=ab\n',
    '8 pathab\n',
    '6 =ab\n\n',
    '99999999999999999999 a=b\n',
  ])('the broken record %j is refused', (body) => {
    expect(() => read(extended('x', body))).toThrow(invalid('broken record'));
  });

  test('an extended header behind the end of the archive, and one without a size, are refused', () => {
    expect(() => read(Buffer.concat([Buffer.alloc(512), extended('x', '8 gid=1\n')]))).toThrow(
      invalid('behind the zero blocks'),
    );
    const raw = extended('x', '8 gid=1\n');
    raw.write('zzzzzzzzzzz', 124, 'latin1');
    expect(() => read(raw)).toThrow(invalid('readable size'));
  });
});

test('the error names the layer and keeps its cause', () => {
  const cause = new Error('inner');
  expect(invalidLayer('layer 3 of node', 'a hole', cause)).toMatchObject({
    code: 'LAYER_INVALID',
    message: 'layer 3 of node: expected a tar archive that is safe to unpack, found a hole',
    cause,
  });
});
