import { BatonError } from '@baton/kernel';
import { protocolsOf } from './build.ts';
import type { Connection } from './connection.ts';
import type { EngineReport } from './engine.ts';

/** What `GET /info` answers, as far as it is used. */
interface Info {
  ServerVersion?: string;
  OSType?: string;
  DriverStatus?: [string, string][] | null;
}

/** Looks at the engine; what is wrong stands in the report. Throws `INTERRUPTED` only. */
export async function probeEngine(connection: Connection, signal?: AbortSignal): Promise<EngineReport> {
  const { address } = connection;
  try {
    const hello = await connection.hello(signal);
    const [version, info] = await Promise.all([
      connection.call('asking for the version', 'GET /version', signal, (docker) => docker.version()),
      connection.call('asking what it is', 'GET /info', signal, (docker) => docker.info() as Promise<Info>),
    ]);
    const containerd = (info.DriverStatus ?? []).some(([, value]) => /^io\.containerd\.snapshotter/.test(value));
    return {
      address,
      available: true,
      version: version.Version,
      apiVersion: hello.apiVersion,
      platform: `${version.Os}/${version.Arch}`,
      protocols: protocolsOf(hello),
      store: containerd ? 'containerd' : 'graph',
    };
  } catch (error) {
    if (!(error instanceof BatonError) || error.code === 'INTERRUPTED') throw error;
    const prefix = `no container engine at ${address}: `;
    const reason = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
    return { address, available: false, reason, protocols: [] };
  }
}
