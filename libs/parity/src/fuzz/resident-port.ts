import { BatonError, runProcess, toBatonError, toolEnv } from '@baton/kernel';
import { encodeTeeCase, type TeePort } from './tee-port.ts';

/** A resident program, and who asks. */
export interface ResidentOptions {
  /** Program and arguments. */
  command: readonly string[];
  cwd?: string;
  signal?: AbortSignal | undefined;
}

/** Milliseconds after which it is seen that a program has ended. */
const LOOK = 200;
/** Longest answer that is believed; more is a program that speaks something else. */
const LONGEST_ANSWER = 256 * 1024 * 1024;

/**
 * The function that a resident program has (its words stand in tee-port.ts). Cases are sent without waiting for answers.
 *
 * Every case asked rejects with `SUBJECT_FAILED` when the program ends before it has answered it.
 */
export function openResident({ command, cwd, signal }: ResidentOptions): TeePort {
  const [program = '', ...args] = command;
  const waiting: { resolve(answer: Buffer): void; reject(error: unknown): void }[] = [];
  const outbox = createOutbox();
  let failure: BatonError | undefined;
  const takeAnswers = createAnswers((answer) => waiting.shift()?.resolve(answer));
  const ended = runProcess({
    command: program,
    args,
    env: toolEnv(),
    ...(cwd === undefined ? {} : { cwd }),
    signal,
    stdin: outbox.read(),
    onStdout: takeAnswers,
  }).then(
    ({ code, signal: by, stderr }) => {
      const last = stderr.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
      return fail(`${program} ended with ${code ?? by} while ${waiting.length} cases were open${last && `: ${last}`}`);
    },
    (error: unknown) => fail(toBatonError(error).message),
  );
  function fail(reason: string): void {
    failure = new BatonError('SUBJECT_FAILED', reason, {
      hint: 'A resident program answers one case after the other until its standard input ends.',
    });
    for (const { reject } of waiting.splice(0)) reject(failure);
  }
  return {
    transform: (input) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        outbox.put(encodeTeeCase(input));
      }),
    close: async () => {
      outbox.end();
      await ended;
    },
  };
}

/** Bytes to be sent: what was put while nobody looked goes out as one piece. */
function createOutbox(): { put(bytes: Buffer): void; end(): void; read(): AsyncGenerator<Buffer> } {
  let parts: Buffer[] = [];
  let closed = false;
  let wake: () => void = () => undefined;
  return {
    put(bytes) {
      parts.push(bytes);
      wake();
    },
    end() {
      closed = true;
      wake();
    },
    async *read() {
      for (;;) {
        if (parts.length > 0) {
          const sent = Buffer.concat(parts);
          parts = [];
          yield sent;
        } else if (closed) {
          return;
        } else {
          // What takes the bytes looks whether the program is still there only when a piece comes.
          let timer: NodeJS.Timeout | undefined;
          await new Promise<void>((resolve) => {
            wake = resolve;
            timer = setTimeout(resolve, LOOK);
          });
          clearTimeout(timer);
          yield Buffer.alloc(0);
        }
      }
    },
  };
}

/** Puts answers together, however they were cut. */
function createAnswers(give: (answer: Buffer) => void): (bytes: Buffer) => void {
  let parts: Buffer[] = [];
  let have = 0;
  let wanted = 4;
  let isLength = true;
  return (bytes) => {
    parts.push(bytes);
    have += bytes.length;
    while (have >= wanted) {
      const all = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
      const piece = all.subarray(0, wanted);
      parts = [all.subarray(wanted)];
      have -= wanted;
      if (isLength) {
        wanted = piece.readUInt32LE();
        if (wanted > LONGEST_ANSWER)
          throw new BatonError('SUBJECT_FAILED', `a resident program announced an answer of ${wanted} bytes`);
      } else {
        wanted = 4;
        give(Buffer.from(piece));
      }
      isLength = !isLength;
    }
  };
}
