// Preloaded by bench/agent-tee.ts: at its end a Node process says what it cost, in the form of GNU time's `%U %S %M`.
const { writeFileSync } = require('node:fs');
const { basename } = require('node:path');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const name = basename(process.argv[1] ?? 'none');
  writeFileSync(
    `${process.env.BATON_BENCH_REPORTS}/${name}`,
    `${userCPUTime / 1e6} ${systemCPUTime / 1e6} ${maxRSS}\n`,
  );
});
