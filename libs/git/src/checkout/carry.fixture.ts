// The child of kill tests: carries a checkout, or finishes what an earlier run left.
import { runProcess, toolEnv } from '@baton/kernel';
import { carryCheckout } from './carry-checkout.ts';

const [dir = '', from = '', to = '', renames = '{}'] = process.argv.slice(2);
await carryCheckout({
  dir,
  from,
  to,
  renames: Object.entries(JSON.parse(renames) as Record<string, string>).map(([a, b]) => ({ from: a, to: b })),
  branch: 'refs/heads/main',
  moveRef: async () => {
    const args = ['-C', dir, 'update-ref', 'refs/heads/main', to, from];
    const { code, stderr } = await runProcess({ command: 'git', args, env: toolEnv() });
    if (code !== 0) throw new Error(stderr.toString('utf8'));
  },
});
