import { spawn } from 'node:child_process';
import { stat, writeSync } from 'node:fs';
import { installSignals } from './signals.ts';

// Installs the handlers, does what it is told and says how it went.

const said: string[] = [];
const signals = installSignals({
  stdout: { flush: () => void writeSync(1, said.splice(0).join('')) },
  stderr: { write: (text) => void writeSync(2, text) },
});

const [task] = process.argv.slice(2);
if (task === 'terminate-self') {
  // Nothing has let the event loop look at signals yet.
  const answers = [await signals.terminated()];
  process.kill(process.pid, 'SIGTERM');
  answers.push(await signals.terminated());
  said.push(JSON.stringify(answers));
} else if (task === 'terminate-in-timer') {
  await new Promise((resolve) => setTimeout(resolve, 1));
  process.kill(process.pid, 'SIGTERM');
  said.push(JSON.stringify([await signals.terminated()]));
} else if (task === 'terminate-in-immediate') {
  await new Promise((resolve) => setImmediate(resolve));
  process.kill(process.pid, 'SIGTERM');
  said.push(JSON.stringify([await signals.terminated()]));
} else if (task === 'terminate-in-poll') {
  // The answer of a file arrives where the event loop looks at signals, so the next look is a turn away.
  await new Promise((resolve) => stat('.', resolve));
  process.kill(process.pid, 'SIGTERM');
  said.push(JSON.stringify([await signals.terminated()]));
} else if (task === 'wait') {
  const launcher = spawn('sleep', ['1000'], { stdio: 'ignore' });
  signals.setRunning({ kill: () => void launcher.kill('SIGKILL') });
  said.push('dangling ');
  writeSync(2, `${launcher.pid}\n`);
  await new Promise((resolve) => launcher.once('exit', resolve));
  said.push('launcher gone\n');
}
writeSync(1, said.splice(0).join(''));
