import { VERSION } from '@baton/kernel';
import { conduct } from './conduct.ts';
import { guessGlobals } from './globals.ts';
import { openOutput } from './output.ts';
import { type Request, readCommandLine } from './program.ts';

/** Runs a command line to its end and returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let request: Request;
  try {
    request = await readCommandLine(argv);
  } catch (error) {
    return (await conduct(guessGlobals(argv), () => Promise.reject(error))) ?? 3;
  }
  if (request.kind === 'help') {
    const stdout = openOutput(process.stdout);
    stdout.write(request.text);
    await stdout.flushed();
    return 0;
  }
  if (request.kind === 'version') {
    const versions = { baton: VERSION, node: process.versions.node };
    return (await conduct(request.globals, () => Promise.resolve({ result: versions, text: VERSION }))) ?? 3;
  }
  const { command, name, values } = request;
  return (await conduct(request.globals, async (context) => await command.run(name, values, context))) ?? 3;
}
