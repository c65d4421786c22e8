import { join } from 'node:path';
import { type ProcessResult, runProcess, toolEnv } from '@baton/kernel';

/** Runs the JavaScript file of an installed development tool, in the directory to check. */
export async function runTool(root: string, script: string, args: readonly string[]): Promise<ProcessResult> {
  return await runProcess({
    command: process.execPath,
    args: [join(import.meta.dirname, '..', '..', 'node_modules', script), ...args],
    cwd: root,
    env: toolEnv({ NO_COLOR: '1' }),
  });
}

/** The lines that a tool printed, without empty ones. */
export function linesOf(result: ProcessResult): string[] {
  const text = result.stdout.toString('utf8') + result.stderr.toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}
