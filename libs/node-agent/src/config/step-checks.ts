import { PythonError } from '../crash.ts';
import { exists } from '../files/paths.ts';
import type { Step } from './config.ts';
import { APPLY_MODES, checkModeOf, isCheckMode, type Mode } from './modes.ts';

type StepsByMode = ReadonlyMap<Mode, readonly Step[]>;

/** The checks 1 to 4 of section 6.4, in that order; the first one that fails is a StepError. */
export function checkModes(modes: StepsByMode): void {
  if ([...modes.values()].every((steps) => steps.length === 0)) throw stepError('There are no defined steps.');
  if (!APPLY_MODES.some((mode) => modes.has(mode))) {
    throw stepError(
      'There are only check modes defined. You must define at least one of UNINSTALL, UPGRADE, APPLY, CONFIG, POST_INTERRUPT',
    );
  }
  for (const mode of APPLY_MODES) {
    if (count(modes, mode) === 0 || count(modes, checkModeOf(mode)) > 0) continue;
    throw stepError(`Couldn't validate steps. There are no checks for any of the ${mode} steps.`);
  }
  for (const [mode, steps] of modes) {
    if (mode === 'upgrade' || mode === 'upgrade-check') continue;
    const misplaced = steps.find(({ upgradeStep }) => upgradeStep);
    if (misplaced === undefined) continue;
    throw stepError(
      `UpgradeStep ${misplaced.path} defined in the ${mode} mode but can only be defined in the UPGRADE or UPGRADE_CHECK modes.`,
    );
  }
}

function count(modes: StepsByMode, mode: Mode): number {
  return modes.get(mode)?.length ?? 0;
}

function stepError(message: string): PythonError {
  return new PythonError('skyhook_agent.step.StepError', message);
}

/**
 * The companions that no check step has as its path (check 5), each once, in the order of the steps.
 *
 * The reference gives them in a random order. Which mode runs does not matter.
 */
export function missingCompanions(modes: StepsByMode): string[] {
  const missing = new Set(APPLY_MODES.flatMap((mode) => (modes.get(mode) ?? []).map(({ path }) => companionOf(path))));
  for (const [mode, steps] of modes) if (isCheckMode(mode)) for (const { path } of steps) missing.delete(path);
  return [...missing];
}

/** The check that is expected beside a step: `_check` before the last dot of the whole path, which may be that of a directory (T34). */
export function companionOf(path: string): string {
  const dot = path.lastIndexOf('.');
  if (dot < 0) return `${path}_check`;
  const [left, right] = [path.slice(0, dot), path.slice(dot + 1)];
  return right === '' ? `${left}_check` : `${left}_check.${right}`;
}

/** Every step of every mode must be there, in the view of the container and with links followed, else one ValueError names all (check 6). */
export function checkScripts(modes: StepsByMode, scriptsDir: string): void {
  const paths = [...modes.values()].flatMap((steps) => steps.map(({ path }) => path));
  const gone = paths.filter((path) => !exists(`${scriptsDir}/${path}`));
  if (gone.length > 0) throw new PythonError('ValueError', `Following steps did not exist:${gone.join(', ')}`);
}
