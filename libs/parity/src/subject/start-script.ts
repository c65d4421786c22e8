import type { EnvVariable, Scenario, ScenarioRun } from '../model/scenario.ts';
import type { Launch } from './room.ts';
import type { Tools } from './tools.ts';

/** What one run is started with. */
export interface StartPlan {
  scenario: Scenario;
  run: ScenarioRun;
  launch: Launch;
  tools: Tools;
  /** The subject's `/` where the script runs. */
  root: string;
  /** The root mount on this machine. */
  host: string;
}

/** Lines that a start script writes to descriptor 3, in this order; the first one is the mount namespace. */
export const STAGES = { mounted: 'mounted', started: 'started' };

// What this process itself was started with may have left descriptors open: the subject gets three. 10 is this script.
const PROLOGUE = `set -e
umask 022
for path in /proc/$$/fd/*; do
  case \${path##*/} in [0-3] | 10) ;; *) eval "exec \${path##*/}>&-" ;; esac
done
exec 4>&2 2>&3
`;

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/**
 * The shell script that becomes the subject: mounts, the root by pivot_root(2), then exec with exactly the environment of
 * the scenario. A script, because Node can pass neither arguments nor variables that are no UTF-8.
 *
 * It is read by busybox's shell in a mount namespace, and goes on when its input ends; descriptors 1 and 2 are the
 * subject's streams. What goes wrong before the subject is started is told on descriptor 3, with a {@link STAGES} line for
 * each part that is done.
 */
export function startScript(plan: StartPlan): Buffer {
  const { scenario, run, launch, tools, root, host } = plan;
  const { entry } = tools;
  const mount = (...words: string[]): Buffer => line([tools.mount, ...words]);
  const argv = run.argv.map((word) => replaceAll(word, '{root}', scenario.root.mount));
  const variables = environmentOf(scenario, run, launch.clock).map(({ name, value }) =>
    Buffer.concat([Buffer.from(`${name}=`), value]),
  );
  const program = launch.command[0] ?? '';
  // Only the shell itself is left once the root has changed, so busybox is called by the name of a file it was bound over.
  const busybox = ['exec', '-a', 'busybox', entry];
  return Buffer.concat([
    Buffer.from(PROLOGUE),
    line([tools.busybox, 'readlink', '/proc/self/ns/mnt'], ' >&3'),
    // Until the namespace is held open; the subject itself has no input.
    Buffer.from('read -r go || :\nexec </dev/null\n'),
    mount('--rbind', root, root),
    ...launch.mounts.map(({ source, target }) => mount('--bind', '-o', 'ro', source, root + target)),
    mount('--bind', host, root + scenario.root.mount),
    mount('--rbind', '/proc', `${root}/proc`),
    mount('--bind', tools.busybox, root + entry),
    ...deviceLines(launch.devices, root, tools),
    line(['cd', root]),
    line([tools.busybox, 'pivot_root', '.', '.']),
    line([...busybox, 'umount', '-l', '.'], ')', '( '),
    line(['echo', STAGES.mounted], ' >&3'),
    line(['cd', scenario.cwd]),
    ...(program.includes('/')
      ? [line(['test', '-x', program], ` || { echo "no program ${shown(program)}" >&3; exit 1; }`)]
      : []),
    line(['umask', scenario.umask]),
    line(['echo', STAGES.started], ' >&3'),
    line([...busybox, 'env', '-i', ...variables, ...launch.command, ...argv], ' 2>&4 3>&- 4>&-'),
  ]);
}

/** The whole environment of a run: the scenario's, changed by the run's own, in this order. */
export function environmentOf(scenario: Scenario, run: ScenarioRun, clock: string | undefined): EnvVariable[] {
  const values = new Map<string, Buffer>();
  for (const { name, value } of [...scenario.env, ...run.env]) values.set(name, value);
  if (scenario.clock.kind === 'frozen' && clock !== undefined) values.set(clock, Buffer.from(scenario.clock.time));
  return [...values].map(([name, value]) => ({ name, value }));
}

function deviceLines(devices: Launch['devices'], root: string, { mount, busybox }: Tools): Buffer[] {
  if (devices === 'null') return [line([mount, '--bind', '/dev/null', `${root}/dev/null`])];
  return [
    line([mount, '-t', 'tmpfs', '-o', 'mode=755,size=64k', 'tmpfs', `${root}/dev`]),
    ...DEVICES.flatMap((name) => [
      line([':'], ` >${quote(`${root}/dev/${name}`)}`),
      line([mount, '--bind', `/dev/${name}`, `${root}/dev/${name}`]),
    ]),
    ...Object.entries({ fd: '', stdin: '/0', stdout: '/1', stderr: '/2' }).map(([name, below]) =>
      line([busybox, 'ln', '-s', `/proc/self/fd${below}`, `${root}/dev/${name}`]),
    ),
  ];
}

function line(words: readonly (string | Buffer)[], after = '', before = ''): Buffer {
  return Buffer.from(`${before}${words.map(quote).join(' ')}${after}\n`, 'latin1');
}

/** A word for the shell, its bytes as characters of one byte each. */
export function quote(word: string | Buffer): string {
  return `'${Buffer.from(word).toString('latin1').replaceAll("'", `'\\''`)}'`;
}

function shown(program: string): string {
  return program.replaceAll(/[^A-Za-z0-9/._-]/g, '?');
}

/** Puts one text in place of another in bytes. */
export function replaceAll(word: Buffer, from: string, to: string): Buffer {
  return Buffer.from(word.toString('latin1').replaceAll(from, Buffer.from(to).toString('latin1')), 'latin1');
}
