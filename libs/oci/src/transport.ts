import type { ClientRequest, Agent as HttpAgent, RequestOptions } from 'node:http';

/** How to start a request of one scheme, and the agent that keeps its connections. */
export interface Transport {
  start(url: URL, options: RequestOptions): ClientRequest;
  agent: HttpAgent;
  /** The proxy on the way, for people. */
  via?: string;
  /** Who is at the other end of the connection: with plain http it is the proxy. */
  peer?: 'registry' | 'proxy';
}
