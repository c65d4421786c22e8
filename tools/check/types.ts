import { linesOf, runTool } from './run-tool.ts';
import type { Step } from './step.ts';

/** Type-checks the whole house with one tsconfig. */
export const types: Step = {
  name: 'types',
  async run(root) {
    const result = await runTool(root, 'typescript/bin/tsc', [
      '-p',
      '.',
      '--noEmit',
      '--pretty',
      'false',
      '--listFiles',
    ]);
    const lines = linesOf(result);
    const own = lines.filter((line) => line.startsWith(`${root}/`) && !line.includes('/node_modules/'));
    const problems = lines.filter((line) => !line.startsWith('/'));
    if (result.code !== 0 && problems.length === 0) problems.push(`tsc ended with ${result.code}`);
    if (own.length === 0) problems.push('no file was checked: see "include" in tsconfig.json');
    return { summary: `${own.length} files`, problems };
  },
};
