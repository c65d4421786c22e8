import { VERSION } from '@baton/kernel';
import type { LoadedManifest } from '@baton/manifest';
import { conduct } from './conduct.ts';
import type { FastCall } from './fast-path.ts';
import { guessGlobals } from './globals.ts';
import { openOutput } from './output.ts';
import type { Request } from './program.ts';

/** Runs a command line to its end and returns the exit code. */
export async function runCli(argv: readonly string[]): Promise<number> {
  let request: Request;
  try {
    request = await (await import('./program.ts')).readCommandLine(argv);
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

/**
 * Runs a build or publish whose command line and manifest are understood already, and returns the exit code. It does
 * what {@link runCli} would do, without loading the option parser, the schemas and YAML.
 */
export async function runKnown(call: FastCall, project: LoadedManifest): Promise<number> {
  const { runFastCall } = await import('./known-run.ts');
  return (await conduct(call.globals, (context) => runFastCall(call, project, context))) ?? 3;
}
