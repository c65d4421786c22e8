import { linesOf, runTool } from './run-tool.ts';
import type { Step } from './step.ts';

/** Format and lint rules (biome.json); with `fix` it formats and repairs what is safe to repair. */
export const style: Step = {
  name: 'style',
  async run(root, fix) {
    const args = ['check', '--reporter=github', '--max-diagnostics=200', ...(fix ? ['--write'] : []), '.'];
    const result = await runTool(root, '@biomejs/biome/bin/biome', args);
    const lines = linesOf(result);
    const problems = lines.filter((line) => line.startsWith('::')).map(plain);
    if (result.code !== 0 && problems.length === 0) problems.push(...lines);
    return { summary: 'format and lint', problems };
  },
};

// ::error title=<rule>,file=<file>,line=<line>,...::<message>, as GitHub's annotations are written.
function plain(line: string): string {
  const [, rule = '', file = '', at = '', message = ''] =
    /title=([^,]*),file=([^,]*),line=(\d+).*?::(.*)$/.exec(line) ?? [];
  if (rule === 'format') return `${file}: not formatted`;
  return rule === '' ? line : `${file}:${at}: ${rule}: ${message}`;
}
