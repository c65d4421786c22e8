/** A mode that changes something and writes flags (contract, section 1). */
export type ApplyMode = 'uninstall' | 'upgrade' | 'apply' | 'config' | 'post-interrupt';

/** A mode that checks what the apply-type mode of the same name did. */
export type CheckMode = `${ApplyMode}-check`;

/** A mode that runs steps. */
export type StepMode = ApplyMode | CheckMode;

/** What the first argument may be. `interrupt` may also be a key of `modes` in config.json, but its steps never run (6.4). */
export type Mode = StepMode | 'interrupt';

/** The apply-type modes in the order in which messages and checks go through them. */
export const APPLY_MODES: readonly ApplyMode[] = ['uninstall', 'upgrade', 'apply', 'config', 'post-interrupt'];

/** The eleven modes in the order of the warning about an unsupported one (contract, section 15). */
export const MODES: readonly Mode[] = [
  'uninstall',
  'uninstall-check',
  'upgrade',
  'upgrade-check',
  'apply',
  'apply-check',
  'config',
  'config-check',
  'interrupt',
  'post-interrupt',
  'post-interrupt-check',
];

/** Whether the text is exactly one of the eleven modes. */
export function isMode(text: string): text is Mode {
  return MODES.some((mode) => mode === text);
}

/** Whether the mode only checks. */
export function isCheckMode(mode: Mode): mode is CheckMode {
  return mode.endsWith('-check');
}

/** Whether the mode changes something. */
export function isApplyMode(mode: Mode): mode is ApplyMode {
  return mode !== 'interrupt' && !isCheckMode(mode);
}

/** The check mode of an apply-type mode. */
export function checkModeOf(mode: ApplyMode): CheckMode {
  return `${mode}-check`;
}
