import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import { ownerTag } from './owner.ts';

/** The variable that programs started inside a claim carry: the marks of all claims around them. */
export const MARK_VARIABLE = 'BATON_FLIGHT';

/** A claim that is being worked under. */
export interface Claim {
  /** `<key>.<owner>.<number>`: also a file's name. */
  mark: string;
  /** Called before the first program starts. */
  beforeProgram(): Promise<void>;
}

const current = new AsyncLocalStorage<readonly Claim[]>();
let count = 0;

/** A mark that no other claim has: whose (`owner.ts`), and for which key. */
export function newMark(key: string): string {
  count += 1;
  return `${markKey(key)}.${ownerTag()}.${count}`;
}

/** How a key stands in a mark: hashed, because every user of the machine may see some of it. */
export function markKey(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 20);
}

/** The owner in a mark, or undefined for text that is none. */
export function markOwner(mark: string): string | undefined {
  return /^[0-9a-f]{20}\.([0-9]+-[0-9]+-[0-9a-f]{8})\.[0-9]+$/.exec(mark)?.[1];
}

/** Runs work so that every program it starts, however deep, carries the claim's mark (and those of claims around it). */
export async function runMarked<T>(claim: Claim, work: () => Promise<T>): Promise<T> {
  return await current.run([...(current.getStore() ?? []), claim], work);
}

/**
 * The environment of a program that is about to start. Marks that this process was itself started with are passed on,
 * so that what a program of ours starts through Baton can be found as well.
 */
export async function markedEnv(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const claims = current.getStore() ?? [];
  const inherited = process.env[MARK_VARIABLE];
  if (claims.length === 0 && inherited === undefined) return env;
  await Promise.all(claims.map((claim) => claim.beforeProgram()));
  const marks = claims.map(({ mark }) => mark);
  return { ...env, [MARK_VARIABLE]: [...(inherited === undefined ? [] : [inherited]), ...marks].join(' ') };
}
