import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const dir = process.env.BATON_BENCH_PEAK;
  if (dir !== undefined) writeFileSync(`${dir}/${process.pid}`, String(process.resourceUsage().maxRSS));
});
