import { PythonError } from '../crash.ts';
import { type PyDict, type PyValue, pythonType, repr } from '../python-text/index.ts';
import type { Step } from './config.ts';
import { flagField, numbersField, textField, textsByNameField, textsField } from './fields.ts';
import { isMode, type Mode } from './modes.ts';

/**
 * The steps of the object `modes` of a config that passed the schema (contract, 6.4), in the order of its keys.
 *
 * The first problem ends it: ValueError for a key that is no mode, TypeError for a step with an unknown key, StepError for an upgrade
 * step with arguments. The schema does not look at the key `interrupt`: what is wrong there is a TypeError.
 */
export function loadSteps(modes: PyDict): Map<Mode, Step[]> {
  const loaded = new Map<Mode, Step[]>();
  for (const [key, entries] of modes) {
    if (!isMode(key)) throw new PythonError('ValueError', `${repr(key)} is not a valid Mode`);
    loaded.set(key, itemsOf(entries).map(loadStep));
  }
  return loaded;
}

/** What a loop over the value would see in Python. */
function itemsOf(value: PyValue): PyValue[] {
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...value];
  if (value instanceof Map) return [...value.keys()];
  throw new PythonError('TypeError', `'${pythonType(value)}' object is not iterable`);
}

function loadStep(entry: PyValue): Step {
  if (!(entry instanceof Map)) throw new PythonError('TypeError', `a step must be dict, not ${pythonType(entry)}`);
  const upgradeStep = flagField(entry, 'upgrade_step');
  for (const key of entry.keys()) if (!STEP_KEYS.has(key)) throw unexpected(key, upgradeStep);
  const step: Step = {
    name: textField(entry, 'name'),
    path: textField(entry, 'path'),
    arguments: textsField(entry, 'arguments'),
    returnCodes: numbersField(entry, 'returncodes'),
    onHost: flagField(entry, 'on_host'),
    idempotence: flagField(entry, 'idempotence') ? 'Disabled' : 'Auto',
    upgradeStep,
    env: textsByNameField(entry, 'env'),
  };
  if (upgradeStep && step.arguments.length > 0) throw upgradeArguments(step);
  return step;
}

/** T33: any other key crashes; `requires_interrupt` is let through and ignored. */
const STEP_KEYS: ReadonlySet<string> = new Set([
  'name',
  'path',
  'arguments',
  'returncodes',
  'on_host',
  'idempotence',
  'upgrade_step',
  'env',
  'requires_interrupt',
]);

function unexpected(key: string, upgradeStep: boolean): PythonError {
  const type = upgradeStep ? 'UpgradeStep' : 'Step';
  return new PythonError('TypeError', `${type}.__init__() got an unexpected keyword argument '${key}'`);
}

function upgradeArguments({ name, arguments: found }: Step): PythonError {
  const message = `UpgradeStep ${name} can not have any arguments, but found: ${repr([...found])}`;
  return new PythonError('skyhook_agent.step.StepError', message);
}
