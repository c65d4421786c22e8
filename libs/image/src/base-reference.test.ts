import { expect, test } from 'vitest';
import { baseReference } from './base-reference.ts';

test('the reference of a base is read, or the error says where it stands', () => {
  expect(baseReference('ghcr.io/acme/base:1')).toMatchObject({ registry: 'ghcr.io', tag: '1' });
  expect(() => baseReference('UPPER/base:1')).toThrow(
    expect.objectContaining({
      code: 'INVALID_REFERENCE',
      message: expect.stringMatching(/^image\.base\.ref in agent\.yaml: .*"UPPER\/base:1"/),
      hint: expect.stringContaining('lower case'),
    }),
  );
});
