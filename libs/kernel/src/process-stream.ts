import { BatonError } from './errors.ts';
import { type ProcessSpec, runProcess } from './process.ts';

/**
 * Runs a program and yields its standard output as it comes, at the pace of the reader and never all of it in memory.
 *
 * A reader that stops early ends the process group. Errors: those of {@link runProcess}, and `TOOL_FAILED` with the
 * last line of standard error when the program does not end with exit code 0, thrown after the last chunk.
 */
export async function* streamProcess(spec: Omit<ProcessSpec, 'onStdout'>): AsyncGenerator<Buffer> {
  const left = new AbortController();
  const signal = spec.signal === undefined ? left.signal : AbortSignal.any([spec.signal, left.signal]);
  const { readable, writable } = new TransformStream<Buffer, Buffer>();
  const writer = writable.getWriter();
  const ended = runProcess({ ...spec, signal, onStdout: (chunk) => writer.write(chunk) }).then(
    async (result) => {
      if (result.code === 0) await writer.close();
      else await writer.abort(failed(spec.command, result.code ?? result.signal, result.stderr));
    },
    (error: unknown) => writer.abort(error),
  );
  // A reader that left early is not interested in how it ended.
  ended.catch(() => undefined);
  try {
    for await (const chunk of readable) yield chunk;
  } finally {
    left.abort();
    await ended.catch(() => undefined);
  }
}

function failed(command: string, how: number | string | null, stderr: Buffer): BatonError {
  const said = stderr.toString('utf8').trimEnd().split('\n').at(-1) ?? '';
  return new BatonError('TOOL_FAILED', `${command} ended with ${how}${said === '' ? '' : `: ${said}`}`);
}
