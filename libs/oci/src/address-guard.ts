import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { BatonError } from '@baton/kernel';
import { type PrivateKind, parseAddress, privateKind } from './ip-address.ts';

/** How names become addresses, and which of these are private; tests replace both. */
export interface Addresses {
  lookup(host: string, options: LookupOptions & { all: true }, done: LookupDone): void;
  kind(address: string): PrivateKind | undefined;
}

type LookupDone = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** The system's names, and the addresses that are private everywhere. */
export const SYSTEM_ADDRESSES: Addresses = { lookup: systemLookup, kind: privateKind };

/** What a registry may not lead to. */
export interface Guard {
  /** Throws `REDIRECT_REFUSED` for a host that is written as an address. */
  checkHost(): void;
  /** Looks a name up and keeps its public addresses; fails with `REDIRECT_REFUSED` when there is none. */
  lookup: LookupFunction;
}

/**
 * Guards a request to a place that a registry named: a redirect, the `Location` of an upload, a token server. The
 * address is judged when the connection is made, so a name that is looked up twice with two results gains nothing.
 *
 * Where the registry itself is at a private address, private ones are let through; link-local ones (where clouds keep
 * the machine's own secrets) only if it is link-local too.
 *
 * @param from the registry's host, and its address where known
 */
export function guardAddress(
  url: URL,
  from: { host: string; address: string | undefined; doing: string },
  addresses: Addresses = SYSTEM_ADDRESSES,
): Guard {
  const own = from.address === undefined ? undefined : addresses.kind(from.address);
  const refusal = (address: string): BatonError | undefined => {
    const kind = addresses.kind(address);
    if (kind === undefined || (own !== undefined && (kind !== 'link-local' || own === 'link-local'))) return undefined;
    const at = parseAddress(url.hostname) === undefined ? `${url.host}, which is at ${address}` : url.host;
    return new BatonError(
      'REDIRECT_REFUSED',
      `${from.host} leads to ${at} while ${from.doing}: a ${kind} address, and the registry is at a ${own ?? 'public'} one`,
      {
        hint: 'Nothing was sent there. If this is right, name the registry by its private address or host.',
        details: { host: from.host, target: url.host, address, kind },
      },
    );
  };
  return {
    checkHost() {
      const error = parseAddress(url.hostname) === undefined ? undefined : refusal(url.hostname);
      if (error !== undefined) throw error;
    },
    lookup(host, options, done) {
      addresses.lookup(host, { ...options, all: true }, (error, found) => {
        if (error !== null) return done(error, '', 0);
        const allowed = found.filter(({ address }) => refusal(address) === undefined);
        const first = allowed[0];
        if (first === undefined) return done(refusal(found[0]?.address ?? '') ?? notFound(host), '', 0);
        // Node takes all of them, or the first.
        if (options.all === true) return done(null, allowed);
        done(null, first.address, first.family);
      });
    },
  };
}

function notFound(host: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' });
}
