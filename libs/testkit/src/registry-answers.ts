import { type Exchange, reply } from './registry-exchange.ts';

/** Answers with JSON. */
export async function json(exchange: Exchange, status: number, body: unknown, headers = {}): Promise<void> {
  await reply(exchange, status, { 'Content-Type': 'application/json', ...headers }, Buffer.from(JSON.stringify(body)));
}

/** Answers with an error body of the distribution specification. */
export async function fail(
  exchange: Exchange,
  status: number,
  code: string,
  message: string,
  headers = {},
): Promise<void> {
  await json(exchange, status, { errors: [{ code, message, detail: null }] }, headers);
}
