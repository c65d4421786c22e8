import { fstatSync } from 'node:fs';
import type { AgentStdout } from '../context.ts';
import { encodeOs } from '../python-text/index.ts';
import { type Sink, writeAll } from './sinks.ts';

/** What the agent's stdout is; everything is found out from the descriptor unless given. */
export interface AgentStdoutOptions {
  /** 1 unless given. */
  fd?: number;
  /** Whether each line is written at once. */
  terminal?: boolean;
  /** Size of the lower buffer in bytes. */
  blockSize?: number;
}

/**
 * The agent's stdout, buffered as Python's `sys.stdout` is (contract, section 11, T30).
 *
 * What is in the buffers when the agent is killed is lost, so their sizes can be seen: see {@link createPythonBuffer}. On
 * a terminal each line is written at once. Text is OS text: U+DC80-DCFF are the bytes they stand for (18.6), other lone
 * surrogates throw PythonError UnicodeEncodeError before anything of the line is kept.
 */
export function createAgentStdout(options: AgentStdoutOptions = {}): AgentStdout {
  const { fd = 1 } = options;
  let opened: { buffer: PythonBuffer; terminal: boolean } | undefined;
  const open = (): NonNullable<typeof opened> => {
    opened ??= {
      terminal: options.terminal ?? isTerminal(fd),
      buffer: createPythonBuffer((bytes) => writeAll(fd, bytes), options.blockSize ?? blockSizeOf(fd)),
    };
    return opened;
  };
  return {
    print(text) {
      const { buffer, terminal } = open();
      buffer.write(encodeOs(text));
      buffer.write(NEWLINE);
      if (terminal) buffer.flush();
    },
    write(bytes) {
      opened?.buffer.flush();
      writeAll(fd, bytes);
    },
    flush() {
      opened?.buffer.flush();
    },
  };
}

/** Bytes on their way through Python's two layers. */
export interface PythonBuffer {
  write(bytes: Uint8Array): void;
  flush(): void;
}

/**
 * The two layers of a Python 3.13 text file: a text layer of 8192 bytes over a buffer of `blockSize` bytes.
 *
 * The text layer sends everything down when it holds 8192 bytes or more, however many that are, and also before a single
 * write of that size. The lower buffer keeps what fits; else it writes what it has, and then the new bytes when they are
 * a block or longer, or keeps them.
 */
export function createPythonBuffer(sink: Sink, blockSize: number): PythonBuffer {
  let texts: Uint8Array[] = [];
  let textLength = 0;
  let blocks: Uint8Array[] = [];
  let blockLength = 0;
  const flushBlocks = (): void => {
    if (blockLength === 0) return;
    const bytes = Buffer.concat(blocks, blockLength);
    blocks = [];
    blockLength = 0;
    sink(bytes);
  };
  const flushTexts = (): void => {
    if (textLength === 0) return;
    const bytes = Buffer.concat(texts, textLength);
    texts = [];
    textLength = 0;
    if (bytes.length > blockSize - blockLength) flushBlocks();
    if (bytes.length >= blockSize) {
      sink(bytes);
    } else {
      blocks.push(bytes);
      blockLength += bytes.length;
    }
  };
  return {
    write(bytes) {
      if (bytes.length >= TEXT_LAYER) flushTexts();
      texts.push(bytes);
      textLength += bytes.length;
      if (textLength >= TEXT_LAYER) flushTexts();
    },
    flush() {
      flushTexts();
      flushBlocks();
    },
  };
}

const TEXT_LAYER = 8192;
const NEWLINE = Uint8Array.of(10);

/** Node's module for terminals is loaded for what may be one: it brings streams and sockets, which cost time at the start. */
function isTerminal(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(fd);
  } catch {
    // A closed descriptor: the first write tells.
    return false;
  }
}

/** The size that Python gives the lower buffer: what the file system says, else 8192. */
function blockSizeOf(fd: number): number {
  try {
    const { blksize } = fstatSync(fd);
    return blksize > 1 ? blksize : TEXT_LAYER;
  } catch {
    // A closed descriptor: the first write tells.
    return TEXT_LAYER;
  }
}
