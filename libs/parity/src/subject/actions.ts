import { runProcess, toolEnv } from '@baton/kernel';
import type { Action } from '../model/scenario.ts';
import type { Tools } from './tools.ts';

/** The signals of one run. */
export interface ActionOrder {
  actions: readonly Action[];
  /** The process of the subject; it leads its group. */
  subject: number;
  /** The root mount, as it is called on this machine. */
  host: string;
  signal?: AbortSignal | undefined;
  /** Told when a signal was sent. */
  onSent(text: string): void;
}

// One action after the other: waits for the path, then the delay, then sends the signal. It sleeps by reading from an
// input that says nothing, so that it ends when Baton does and starts no process while it waits.
const SCRIPT = `
runs() {
  { read -r row </proc/$subject/stat; } 2>/dev/null || return 1
  row=\${row##*) }
  case $row in [ZX]*) return 1 ;; esac
}
pause() {
  [ -d /proc/$PPID ] || exit 0
  read -r -t "$1" said || :
}
child() {
  least=
  for stat in /proc/[0-9]*/stat; do
    { read -r row <$stat; } 2>/dev/null || continue
    pid=\${row%% *}
    set -- \${row##*) }
    [ "$2" = $subject ] && [ "$1" != Z ] || continue
    [ -n "$least" ] && [ $least -lt $pid ] || least=$pid
  done
  echo $least
}
subject=$1
shift
while [ $# -gt 0 ]; do
  until [ -e "$1" ] || [ -L "$1" ] || ! runs; do pause 0.01; done
  runs && [ "$2" != 0 ] && pause "$2"
  target=
  if runs; then
    case $4 in
      subject) target=$subject ;;
      group) target=-$subject ;;
      launcher) target=$(child) ;;
    esac
  fi
  if [ -n "$target" ] && kill -$3 $target 2>/dev/null; then echo sent; else echo missed; fi
  shift 4
done
`;

/**
 * Does the actions of a run in a process of its own; gives back what could not be done.
 *
 * A process, because the signals have to come in time: steps sleep for little more than a second, and this process starts
 * children and reads trees for many scenarios at once.
 */
export async function performActions(order: ActionOrder, tools: Tools): Promise<string[]> {
  const { actions, subject, host, signal } = order;
  if (actions.length === 0) return [];
  const words = actions.flatMap((action) => [
    `${host}${action.waitFor}`,
    String(action.delay),
    action.signal.replace(/^SIG/, ''),
    action.to,
  ]);
  const missed: string[] = [];
  let count = 0;
  const say = (line: string): void => {
    const action = actions[count];
    count += 1;
    if (action === undefined) return;
    if (line === 'sent') order.onSent(`${action.signal} to the ${action.to}`);
    else missed.push(`no ${action.to} was there to get ${action.signal} after ${action.waitFor}`);
  };
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let rest = '';
  await runProcess({
    command: tools.busybox,
    args: ['sh', '-c', SCRIPT, 'sh', String(subject), ...words],
    env: toolEnv(),
    stdin: silence(released),
    signal,
    onStdout(chunk) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) say(line);
      if (count === actions.length) release();
    },
  }).finally(release);
  return missed;
}

async function* silence(released: Promise<void>): AsyncGenerator<Uint8Array> {
  await released;
  yield Buffer.alloc(0);
}
