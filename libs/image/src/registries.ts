import { connectRegistry, dockerCredentials, type RegistryClient } from '@baton/oci';
import type { ImageIo } from './types.ts';

/** The registries one run talks to: one client, so one set of connections and tokens, for each host. */
export interface Registries {
  connect(host: string): RegistryClient;
  close(): void;
}

/** The repository that a run writes to. */
export interface PublishTarget {
  registry: string;
  repository: string;
  /** Whether it is spoken to in plain HTTP; undefined: as its address suggests. */
  insecure?: boolean | undefined;
}

/** What is said about TLS with one host: plain HTTP or not, whatever its address suggests. */
export interface SaidOfTls {
  host: string;
  insecure: boolean;
}

/**
 * Opens nothing yet: a client comes into being when its host is first asked for.
 *
 * @param hosts.tls what is said about TLS with one host
 * @param hosts.push the repository that will be written: one sign-in then serves reading and writing
 */
export function openRegistries(
  io: Pick<ImageIo, 'emit' | 'signal' | 'env'>,
  hosts: { tls?: SaidOfTls | undefined; push?: PublishTarget | undefined } = {},
): Registries {
  const credentials = dockerCredentials(io.env);
  const clients = new Map<string, RegistryClient>();
  return {
    connect(host) {
      const known = clients.get(host);
      if (known !== undefined) return known;
      const client = connectRegistry(host, {
        credentials,
        emit: io.emit,
        env: io.env,
        ...(io.signal === undefined ? {} : { signal: io.signal }),
        ...(host === hosts.push?.registry ? { push: [hosts.push.repository] } : {}),
        ...(host === hosts.tls?.host ? { insecure: hosts.tls.insecure } : {}),
      });
      clients.set(host, client);
      return client;
    },
    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

/** The registries of a publish to `target`. */
export function targetRegistries(target: PublishTarget, io: Pick<ImageIo, 'emit' | 'signal' | 'env'>): Registries {
  const { registry: host, insecure } = target;
  return openRegistries(io, { push: target, tls: insecure === undefined ? undefined : { host, insecure } });
}
