import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A plain HTTP server on 127.0.0.1 that behaves as a test wants. */
export interface HttpServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** `http://127.0.0.1:PORT/x`. */
  readonly url: URL;
  /** Every connection so far. */
  readonly sockets: ReadonlySet<Socket>;
  /** Ends its connections and returns when it is gone. */
  stop(): Promise<void>;
}

/** Starts a server on a free port whose answers are up to the listener. */
export async function startHttpServer(listener: RequestListener): Promise<HttpServer> {
  const server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: new URL(`http://${host}/x`),
    sockets,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
