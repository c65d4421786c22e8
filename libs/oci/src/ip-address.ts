import { isIPv4, isIPv6 } from 'node:net';

/** What kind of place an address is that is not on the public internet. */
export type PrivateKind = 'loopback' | 'private' | 'link-local' | 'unique-local' | 'reserved';

// RFC 6890 (special-purpose addresses), RFC 1918, RFC 6598 (carriers' and many clouds' inner networks).
const V4: readonly [string, PrivateKind][] = [
  ['0.0.0.0/8', 'reserved'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'private'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['224.0.0.0/3', 'reserved'],
];
const V6: readonly [string, PrivateKind][] = [
  ['::/128', 'reserved'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['fc00::/7', 'unique-local'],
  ['ff00::/8', 'reserved'],
];
/** Where an IPv4 address stands inside an IPv6 one, by prefix: mapped, NAT64, 6to4, compatible. */
const EMBEDDED: readonly [string, number][] = [
  ['::ffff:0:0/96', 12],
  ['64:ff9b::/96', 12],
  ['64:ff9b:1::/48', 12],
  ['2002::/16', 2],
  ['::/96', 12],
];

/**
 * The bytes of an IPv4 (4) or IPv6 (16) address, brackets and zone (`%eth0`) aside; undefined when it is none. An IPv6
 * address that maps an IPv4 one is that.
 */
export function parseAddress(text: string): Buffer | undefined {
  const bare = text.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '');
  if (isIPv4(bare)) return Buffer.from(bare.split('.').map(Number));
  if (!isIPv6(bare)) return undefined;
  const bytes = parseV6(bare);
  return bytes.subarray(0, 12).equals(MAPPED) ? bytes.subarray(12) : bytes;
}

const MAPPED = Buffer.from('00000000000000000000ffff', 'hex');

/** @param text what `isIPv6` accepts */
function parseV6(text: string): Buffer {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const groups = (part: string | undefined): number[] =>
    part === undefined || part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = hex.split('::');
  const [front, back] = [groups(head), groups(tail)];
  const all = [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** Whether an address is in a block (`10.0.0.0/8`); false for what is no address or no block. */
export function isInBlock(address: string, block: string): boolean {
  const bytes = parseAddress(address);
  return bytes !== undefined && contains(block, bytes);
}

function contains(block: string, bytes: Buffer): boolean {
  const [, network = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(block) ?? [];
  const bare = network.replace(/^\[(.*)\]$/, '$1');
  const base = isIPv6(bare) ? parseV6(bare) : parseAddress(bare);
  // Blocks of mapped addresses are meant as such: both sides in their long form.
  const long = base?.byteLength === 16 && bytes.byteLength === 4 ? Buffer.concat([MAPPED, bytes]) : bytes;
  const bits = Number(length);
  if (base === undefined || base.byteLength !== long.byteLength || length === '' || bits > base.byteLength * 8) {
    return false;
  }
  return long.every((byte, i) => {
    const shift = 8 - Math.min(8, Math.max(0, bits - i * 8));
    return byte >> shift === (base[i] ?? 0) >> shift;
  });
}

/**
 * What kind of private place an address is, or undefined when it is on the public internet or no address at all. IPv4
 * addresses inside IPv6 ones count as what they are.
 */
export function privateKind(address: string): PrivateKind | undefined {
  const bytes = parseAddress(address);
  if (bytes === undefined) return undefined;
  const table = bytes.byteLength === 4 ? V4 : V6;
  const found = table.find(([block]) => contains(block, bytes))?.[1];
  if (found !== undefined || bytes.byteLength === 4) return found;
  const at = EMBEDDED.find(([block]) => contains(block, bytes))?.[1];
  return at === undefined ? undefined : privateKind([...bytes.subarray(at, at + 4)].join('.'));
}
