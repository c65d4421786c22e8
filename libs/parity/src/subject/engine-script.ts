import type { Scenario, ScenarioRun } from '../model/scenario.ts';
import { environmentOf, quote, replaceAll } from './start-script.ts';

/** Where the harness's own files are in a container; not part of what is looked at. */
export const PLACE = '/.parity';

/** What the first process of a container does before the first run: what an archive cannot say. */
export function layScript(deleted: readonly string[], cwd: string): Buffer {
  const busybox = `${PLACE}/busybox`;
  const lines = deleted.map((path) => `${busybox} rm -rf ${quote(path)}\n`);
  return Buffer.from(`${lines.join('')}${busybox} mkdir -p ${quote(cwd)}\n`, 'latin1');
}

/**
 * What the first process of a container does for a run: starts the subject in a session of its own, with files for its
 * streams, and lets busybox's time(1) say how it ended, because a container's exit code does not tell a signal from a
 * code; then waits for what is left running, and tells of it.
 */
export function engineScript({
  scenario,
  run,
  command,
  clock,
  number,
  grace,
}: {
  scenario: Scenario;
  run: ScenarioRun;
  command: readonly string[];
  clock: string | undefined;
  number: number;
  /** Milliseconds. */
  grace: number;
}): Buffer {
  const variables = environmentOf(scenario, run, clock).map(({ name, value }) =>
    Buffer.concat([Buffer.from(`${name}=`), value]),
  );
  const argv = run.argv.map((word) => replaceAll(word, '{root}', scenario.root.mount));
  const words = [...variables, ...command, ...argv].map(quote).join(' ');
  const busybox = `${PLACE}/busybox`;
  const stream = (name: string): string => `${PLACE}/run${number}.${name}`;
  const merged = scenario.streams === 'merged';
  const streams = merged ? `>${stream('merged')} 2>&1` : `>${stream('stdout')} 2>${stream('stderr')}`;
  const text = `
cd ${quote(scenario.cwd)} || exit 97
umask ${scenario.umask}
${busybox} time -v -o ${PLACE}/run${number}.end ${busybox} setsid ${busybox} env -i ${words} </dev/null ${streams}
others() {
  for stat in /proc/[0-9]*/stat; do
    { read -r row <$stat; } 2>/dev/null || continue
    pid=\${row%% *}
    set -- \${row##*) }
    [ $pid != $$ ] && [ "$1" != Z ] && echo $pid
  done
}
turn=0
while [ $turn -lt ${Math.ceil(grace / 50)} ]; do
  others >${PLACE}/others
  [ -s ${PLACE}/others ] || break
  ${busybox} sleep 0.05
  turn=$((turn + 1))
done
: >${PLACE}/run${number}.left
while read -r pid; do
  ${busybox} cat /proc/$pid/cmdline >>${PLACE}/run${number}.left 2>/dev/null && echo >>${PLACE}/run${number}.left
done <${PLACE}/others
exit 0
`;
  return Buffer.from(text, 'latin1');
}
