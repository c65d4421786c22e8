import { expect, test } from 'vitest';
import { createFaults } from './registry-faults.ts';

test('a fault hits the requests it is for, so often and after so many', () => {
  const faults = createFaults();
  faults.inject({ method: 'GET', path: '/blobs/' }, { kind: 'corrupt' }, { skip: 1, times: 2 });
  expect(faults.take('PUT', '/v2/x/blobs/1')).toBe(undefined);
  expect(faults.take('GET', '/v2/x/manifests/1')).toBe(undefined);
  expect(faults.take('GET', '/v2/x/blobs/1')).toBe(undefined);
  expect(faults.take('GET', '/v2/x/blobs/1')).toEqual({ kind: 'corrupt' });
  expect(faults.pending()).toBe(1);
  expect(faults.take('GET', '/v2/x/blobs/1')).toEqual({ kind: 'corrupt' });
  expect(faults.take('GET', '/v2/x/blobs/1')).toBe(undefined);
  expect(faults.pending()).toBe(0);
});

test('of several the first that matches is taken, patterns see the query', () => {
  const faults = createFaults();
  faults.inject({ path: /\?mount=/ }, { kind: 'status', status: 404 });
  faults.inject({}, { kind: 'status', status: 500 }, { times: 9 });
  expect(faults.take('POST', '/v2/x/blobs/uploads/')).toMatchObject({ status: 500 });
  expect(faults.take('POST', '/v2/x/blobs/uploads/?mount=1')).toMatchObject({ status: 404 });
  faults.clear();
  expect(faults.take('POST', '/')).toBe(undefined);
});
