import { BlockList } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInBlock, parseAddress, privateKind } from './ip-address.ts';

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['[::1]', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['10.1.2.3', 'private'],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['100.64.0.1', 'private'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['::ffff:169.254.169.254', 'link-local'],
  ['64:ff9b::a9fe:a9fe', 'link-local'],
  ['2002:a00:1::', 'private'],
  ['fd12:3456::1', 'unique-local'],
  ['fc00::', 'unique-local'],
  ['0.0.0.0', 'reserved'],
  ['::', 'reserved'],
  ['224.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['ff02::1', 'reserved'],
  ['::10.0.0.1', 'private'],
  ['fec0::1', 'private'],
] as const)('%s is %s', (address, kind) => {
  expect(privateKind(address)).toBe(kind);
});

test.each([
  '8.8.8.8',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '11.0.0.0',
  '169.253.0.1',
  '100.128.0.1',
  '2606:4700::1111',
  '::ffff:8.8.8.8',
  '64:ff9b::808:808',
  '2002:808:808::',
  'fe00::1',
  'registry.example.com',
  '',
  '1.2.3',
])('%s is not private', (address) => {
  expect(privateKind(address)).toBe(undefined);
});

test('Node finds the same blocks', () => {
  const list = new BlockList();
  for (const [network, bits] of [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
    ['0.0.0.0', 8],
    ['192.0.0.0', 24],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const) {
    list.addSubnet(network, bits);
  }
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), near()), (address) => {
      expect(privateKind(address) !== undefined).toBe(list.check(address));
      expect(privateKind(`::ffff:${address}`)).toBe(privateKind(address));
    }),
    { numRuns: 500 },
  );
});

/** Addresses at the edges of the blocks. */
function near() {
  const first = fc.constantFrom(10, 172, 192, 100, 127, 169, 0, 198, 224, 223, 11, 9);
  const second = fc.constantFrom(0, 15, 16, 17, 18, 19, 20, 31, 32, 63, 64, 127, 128, 167, 168, 169, 253, 254, 255);
  return fc.tuple(first, second, fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
}

test('every way to write an IPv6 address gives the same bytes', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const bytes = parseAddress(address);
      const written = new URL(`http://[${address}]/`).hostname;
      expect(parseAddress(written)).toEqual(bytes);
      expect(parseAddress(address.toUpperCase())).toEqual(bytes);
    }),
  );
});

test('what is no address never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void [privateKind(text), isInBlock(text, text)]));
});

test('blocks', () => {
  expect(isInBlock('10.1.2.3', '10.0.0.0/8')).toBe(true);
  expect(isInBlock('11.1.2.3', '10.0.0.0/8')).toBe(false);
  expect(isInBlock('10.1.2.3', '0.0.0.0/0')).toBe(true);
  expect(isInBlock('10.1.2.3', '10.1.2.3/32')).toBe(true);
  expect(isInBlock('10.1.2.4', '10.1.2.3/32')).toBe(false);
  expect(isInBlock('fd00::5', 'fd00::/8')).toBe(true);
  expect(isInBlock('10.0.0.1', 'fd00::/8')).toBe(false);
  expect(isInBlock('fd00::1', '10.0.0.0/8')).toBe(false);
  for (const block of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', 'x/8', '/8', '']) {
    expect(isInBlock('10.0.0.1', block)).toBe(false);
  }
});
