import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeStatus } from './buildkit-status.ts';
import { readFields, writeBytes, writeNumber } from './protobuf.ts';

const number = fc.integer({ min: 1, max: 2 ** 20 });
const field = fc.oneof(
  fc.record({ number, value: fc.maxSafeNat() }),
  fc.record({ number, bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) }),
);

describe('protocol buffers', () => {
  test('fields come out as they went in', () => {
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const message = Buffer.concat(
          fields.map((one) =>
            'bytes' in one ? writeBytes(one.number, one.bytes) : writeNumber(one.number, one.value),
          ),
        );
        expect([...readFields(message)]).toEqual(fields);
      }),
    );
  });

  test('any bytes are a message or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          for (const { number } of readFields(Buffer.from(bytes))) expect(number).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

// Messages of a Docker 20.10 engine.
const STARTED =
  'Cn0KR3NoYTI1Njo0NDhkODhmNzYxNDYxMTI5NTU1Mzc3M2EzZjM0YjdlZmFhMDYxMDBmZGYyODQ5OWI5NmRjNGQ2NDE1NDVkMDZhGiRbaW50ZXJuYWxdIGxvYWQgcmVtb3RlIGJ1aWxkIGNvbnRleHQqDAiIuYbYBhCnkc7IAg==';
const FAILED =
  'CpgCCkdzaGEyNTY6MzI4NTQ1MTYzNGQzNzAxZDgxODdhM2JiYWUyMzI0ZDAyMzE4NmRjOTBlZjU5NDJmZjdkMzU5ODUyNzQyMWI5MBo0W2ludGVybmFsXSBsb2FkIG1ldGFkYXRhIGZvciAxMjcuMC4wLjE6MS9ub3BlOmxhdGVzdCoMCIm5htgGEITN96UDMgwIibmG2AYQzYLopgM6e2ZhaWxlZCB0byBkbyByZXF1ZXN0OiBIZWFkICJodHRwOi8vMTI3LjAuMC4xOjEvdjIvbm9wZS9tYW5pZmVzdHMvbGF0ZXN0IjogZGlhbCB0Y3AgMTI3LjAuMC4xOjE6IGNvbm5lY3Q6IGNvbm5lY3Rpb24gcmVmdXNlZA==';
const EXPORTING =
  'EoUBChBleHBvcnRpbmcgbGF5ZXJzEkdzaGEyNTY6ZThjNjEzZTA3YjBiN2ZmMzM4OTNiNjk0Zjc3NTlhMTBkNDJlMTgwZjJiNGRjMzQ5ZmI1N2RjNmI3MWRjYWIwMDIMCIi5htgGEIb94bQDOgwIiLmG2AYQ97r4qQNCDAiIuYbYBhDs8OG0Aw==';

describe('BuildKit status messages', () => {
  test('a step that began', () => {
    expect(decodeStatus(STARTED)).toEqual({
      vertexes: [
        {
          digest: 'sha256:448d88f7614611295553773a3f34b7efaa06100fdf28499b96dc4d641545d06a',
          name: '[internal] load remote build context',
          started: true,
          completed: false,
          cached: false,
          error: '',
        },
      ],
      statuses: [],
      logs: [],
      warnings: [],
    });
  });

  test('a step that failed', () => {
    expect(decodeStatus(FAILED).vertexes).toMatchObject(
      [
        { name: '[internal] load metadata for 127.0.0.1:1/nope:latest', completed: true, error: /connection refused/ },
      ].map((one) => ({ ...one, error: expect.stringMatching(one.error) })),
    );
  });

  test('a part of a step', () => {
    expect(decodeStatus(EXPORTING).statuses).toMatchObject([{ id: 'exporting layers', completed: true, total: 0 }]);
  });

  test('logs and warnings', () => {
    const log = Buffer.concat([writeBytes(1, 'sha256:a'), writeNumber(3, 2), writeBytes(4, 'to stderr')]);
    const warning = Buffer.concat([writeBytes(1, 'sha256:a'), writeNumber(2, 1), writeBytes(3, 'careful')]);
    const message = Buffer.concat([writeBytes(3, log), writeBytes(4, warning)]).toString('base64');
    expect(decodeStatus(message)).toMatchObject({
      logs: [{ vertex: 'sha256:a', stream: 2, bytes: Buffer.from('to stderr') }],
      warnings: ['careful'],
    });
  });
});
