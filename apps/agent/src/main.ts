import manifest from '../package.json' with { type: 'json' };
import { runAgent } from './run.ts';

process.exitCode = runAgent(process.argv.slice(2), {
  version: manifest.version,
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
