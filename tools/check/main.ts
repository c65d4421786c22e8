// What `npm run check` does: everything that can be judged without running the product. With --fix it first writes the
// generated files and formats the code. Exit code 1 when anything is wrong.
import { floors } from './floors.ts';
import { generated } from './generated.ts';
import { houseRules } from './house-rules.ts';
import { links } from './links.ts';
import { lockFile } from './lock-file.ts';
import { type Report, renderReport, runStep, type Step } from './step.ts';
import { style } from './style.ts';
import { types } from './types.ts';
import { workflows } from './workflows.ts';

const root = process.cwd();
const fix = process.argv.includes('--fix');

async function report(step: Step): Promise<Report> {
  const result = await runStep(step, root, fix);
  console.log(renderReport(result));
  return result;
}

// The first two write when they fix, so the others must see what they left.
const writers = [generated, style];
const readers = [types, floors, lockFile, workflows, links, houseRules];
const reports: Report[] = [];
if (fix) for (const step of writers) reports.push(await report(step));
reports.push(...(await Promise.all((fix ? readers : [...writers, ...readers]).map(report))));

const failed = reports.filter(({ problems }) => problems.length > 0);
if (failed.length > 0) {
  console.log(
    `\n${failed.length} of ${reports.length} steps found problems: ${failed.map(({ name }) => name).join(', ')}.`,
  );
  if (!fix) console.log('"npm run check -- --fix" writes generated files and formats the code.');
  process.exitCode = 1;
}
