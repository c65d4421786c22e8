import { BatonError } from '@baton/kernel';
import type { ObjectId } from './objects.ts';
import { gitFailed, runGit, streamGit } from './run-git.ts';

/** What git says about an object; `bytes` only when they were asked for. */
export interface FoundObject {
  id: ObjectId;
  type: string;
  size: number;
  bytes: Buffer;
}

/** One `git cat-file` that answers many questions, in the order in which they were asked. */
export interface ObjectReader {
  /** Type and size of what a name or id stands for; undefined when there is no such object, or the name is ambiguous. */
  info(name: string): Promise<FoundObject | undefined>;
  /** The same with its bytes. */
  contents(name: string): Promise<FoundObject | undefined>;
  /** Ends the process; the next question starts one again. */
  close(): Promise<void>;
}

/** Milliseconds without a question after which the process ends by itself, so that nobody has to remember it. */
const IDLE = 300;

/** Opens a reader for the repository at `dir`; the process starts with the first question. */
export function openObjectReader(dir: string): ObjectReader {
  let running: Conversation | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ask = async (command: 'info' | 'contents', name: string): Promise<FoundObject | undefined> => {
    if (name === '' || /[\n\0]/.test(name)) return undefined;
    clearTimeout(timer);
    if (running === undefined || running.over()) running = converse(dir);
    const answer = running.ask(command, name);
    timer = setTimeout(() => void close(), IDLE);
    return await answer;
  };
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    const ending = running;
    running = undefined;
    await ending?.end();
  };
  return { info: (name) => ask('info', name), contents: (name) => ask('contents', name), close };
}

interface Conversation {
  ask(command: 'info' | 'contents', name: string): Promise<FoundObject | undefined>;
  /** Whether the process has ended. */
  over(): boolean;
  /** Lets it answer what was asked and end. */
  end(): Promise<void>;
}

interface Question {
  contents: boolean;
  resolve(answer: FoundObject | undefined): void;
  reject(reason: unknown): void;
}

function converse(dir: string): Conversation {
  const args = ['cat-file', '--batch-command'];
  const input = lines();
  const waiting: Question[] = [];
  let over = false;
  const answers = answerParser(
    () => waiting[0]?.contents ?? false,
    (answer) => waiting.shift()?.resolve(answer),
  );
  const fail = (reason: unknown): void => {
    for (const question of waiting.splice(0)) question.reject(reason);
  };
  const ended = runGit(dir, args, { stdin: input.stream, onStdout: answers.push, timeout: 0 }).then(
    (result) => {
      over = true;
      input.end();
      fail(gitFailed(dir, args, result));
    },
    (reason: unknown) => {
      over = true;
      input.end();
      fail(reason);
    },
  );
  return {
    ask: (command, name) =>
      new Promise((resolve, reject) => {
        waiting.push({ contents: command === 'contents', resolve, reject });
        input.push(`${command} ${name}\n`);
      }),
    over: () => over,
    async end() {
      input.end();
      await ended;
    },
  };
}

/** Lines that are given one by one to somebody who reads them as a stream; those that wait go together. */
function lines(): { stream: AsyncIterable<Buffer>; push(line: string): void; end(): void } {
  let queue = '';
  let ended = false;
  let wake: () => void = () => undefined;
  const end = (): void => {
    ended = true;
    wake();
  };
  const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
    while (queue === '' && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const text = queue;
    queue = '';
    return text === '' ? { done: true, value: undefined } : { done: false, value: Buffer.from(text, 'utf8') };
  };
  const leave = async (): Promise<IteratorResult<Buffer, undefined>> => {
    end();
    return { done: true, value: undefined };
  };
  return {
    // By hand: a generator that waits cannot be told that its reader is gone.
    stream: { [Symbol.asyncIterator]: () => ({ next, return: leave }) },
    push(line) {
      queue += line;
      wake();
    },
    end,
  };
}

/**
 * Reads answers of `git cat-file --batch`: `<id> <type> <size>\n`, with the bytes and a newline behind it when contents were asked
 * for; anything else is a line that says why there is none (`<name> missing`, `<name> ambiguous`).
 */
export function answerParser(
  wantsContents: () => boolean,
  tell: (answer: FoundObject | undefined) => void,
): { push(chunk: Buffer): void } {
  let head: Buffer = Buffer.alloc(0);
  let body: { found: FoundObject; filled: number } | undefined;
  const push = (chunk: Buffer): void => {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (body === undefined) {
        const newline = rest.indexOf(0x0a);
        if (newline === -1) {
          head = Buffer.concat([head, rest]);
          return;
        }
        const line = Buffer.concat([head, rest.subarray(0, newline)]).toString('latin1');
        head = Buffer.alloc(0);
        rest = rest.subarray(newline + 1);
        const [, id, type = '', size] =
          /^([0-9a-f]{40}|[0-9a-f]{64}) (blob|tree|commit|tag) ([0-9]+)$/.exec(line) ?? [];
        if (id === undefined) tell(undefined);
        else {
          const found = { id, type, size: Number(size), bytes: Buffer.alloc(0) };
          if (wantsContents()) body = { found: { ...found, bytes: Buffer.allocUnsafe(found.size) }, filled: 0 };
          else tell(found);
        }
        continue;
      }
      const { found } = body;
      const part = rest.subarray(0, found.size - body.filled);
      found.bytes.set(part, body.filled);
      body.filled += part.byteLength;
      rest = rest.subarray(part.byteLength);
      // Behind the bytes comes a newline.
      if (body.filled === found.size && rest.byteLength > 0) {
        rest = rest.subarray(1);
        body = undefined;
        tell(found);
      }
    }
  };
  return { push };
}

/** Blobs in the order of the ids, by a process of its own that goes no faster than the reader. */
export async function* readBlobs(
  dir: string,
  ids: Iterable<ObjectId>,
): AsyncGenerator<{ id: ObjectId; bytes: Buffer }> {
  const wanted = [...ids];
  if (wanted.length === 0) return;
  const args = ['cat-file', '--batch', '--buffer'];
  let answers: (FoundObject | undefined)[] = [];
  let told = 0;
  const parser = answerParser(
    () => true,
    (answer) => answers.push(answer),
  );
  for await (const chunk of streamGit(dir, args, {
    stdin: Buffer.from(`${wanted.join('\n')}\n`, 'latin1'),
    timeout: 0,
  })) {
    parser.push(chunk);
    const ready = answers;
    answers = [];
    for (const found of ready) {
      const id = wanted[told] ?? '';
      told += 1;
      yield { id, bytes: blobOf(dir, id, found) };
    }
  }
  if (told < wanted.length)
    throw new BatonError('GIT_FAILED', `git cat-file in ${dir} ended after ${told} blobs of ${wanted.length}`);
}

/** The bytes of what must be a blob. */
export function blobOf(dir: string, id: ObjectId, found: FoundObject | undefined): Buffer {
  if (found?.type === 'blob') return found.bytes;
  throw new BatonError('GIT_FAILED', `expected a blob ${id}, found ${found?.type ?? 'no such object'} in ${dir}`, {
    hint: 'A shallow or partial clone may lack objects: fetch them first.',
  });
}
