// The program that the launcher's tests start: what apps/agent does with `chroot-exec`, and nothing else.
import { runLauncher } from './run-launcher.ts';

process.exitCode = runLauncher(process.argv.slice(3));
