// A worker as Nx forks it: it works by a tool that never ends, or (`stubborn`) by code that hears no abort.
import { runProcess, toolEnv } from '@baton/kernel';
import { workerLife } from './worker-life.ts';

const stubborn = process.argv[2] === 'stubborn';
const life = workerLife(stubborn ? 50 : 60_000);
// Nx leaves the channel open, and so does this: only an exit ends the process.
process.on('message', () => undefined);

if (stubborn) {
  process.send?.('working');
  await new Promise(() => setInterval(() => undefined, 1000));
} else {
  const work = runProcess({
    command: 'sh',
    args: ['-c', 'echo $$; exec sleep 600'],
    env: toolEnv(),
    signal: life.signal,
    onStdout: (chunk) => void process.send?.(Number(chunk.toString('utf8'))),
  });
  await work.catch(() => undefined);
  life.close();
}
