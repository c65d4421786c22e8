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
  /** Whether the manifest allows plain HTTP for it. */
  insecure: boolean;
}

/**
 * Opens nothing yet: a client comes into being when its host is first asked for.
 *
 * @param hosts.insecure the host that may be spoken to in plain HTTP
 * @param hosts.push the repository that will be written: one sign-in then serves reading and writing
 */
export function openRegistries(
  io: Pick<ImageIo, 'emit' | 'signal' | 'env'>,
  hosts: { insecure?: string | undefined; push?: PublishTarget | undefined } = {},
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
        ...(io.signal === undefined ? {} : { signal: io.signal }),
        ...(host === hosts.push?.registry ? { push: [hosts.push.repository] } : {}),
        ...(host === hosts.insecure ? { insecure: true } : {}),
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
  return openRegistries(io, { push: target, insecure: target.insecure ? target.registry : undefined });
}
