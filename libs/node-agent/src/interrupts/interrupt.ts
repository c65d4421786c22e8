import { PythonError } from '../crash.ts';
import { type PyDict, type PyValue, pythonType, strOf } from '../python-text/index.ts';

/** The types of section 13, in the order in which the message of an unknown one lists them. */
const TYPES = ['no_op', 'node_restart', 'restart_all_services', 'script_interrupt', 'service_restart'] as const;

/** What an interrupt does is decided by its type alone, except for the services. */
export type InterruptType = (typeof TYPES)[number];

/** A decoded interrupt. */
export type Interrupt =
  | { type: Exclude<InterruptType, 'service_restart'> }
  /** The services as the operator wrote them: usually a list of texts. */
  | { type: 'service_restart'; services: PyValue };

/** The interrupt of a JSON object with `type` (contract, section 13 item 3): ValueError for an unknown type, TypeError for wrong arguments (T41). */
export function toInterrupt(fields: PyDict): Interrupt {
  const type = fields.get('type') ?? null;
  const known = TYPES.find((name) => name === type);
  if (known === undefined) {
    throw new PythonError('ValueError', `Unknown interrupt ${strOf(type)} must be one of: ${TYPES.join(', ')}`);
  }
  const superfluous = [...fields.keys()].find(
    (key) => key !== 'type' && !(known === 'service_restart' && key === 'services'),
  );
  if (known !== 'service_restart') {
    if (superfluous !== undefined) throw new PythonError('TypeError', `${className(known)}() takes no arguments`);
    return { type: known };
  }
  if (superfluous !== undefined) throw argumentError(known, `got an unexpected keyword argument '${superfluous}'`);
  const services = fields.get('services');
  if (services === undefined) throw argumentError(known, `missing 1 required positional argument: 'services'`);
  return { type: known, services };
}

/** The commands of an interrupt in their order (contract, section 13). Words may be no texts; TypeError where the services are nothing to go through. */
export function commandsOf(interrupt: Interrupt): PyValue[][] {
  switch (interrupt.type) {
    case 'node_restart':
      return [['reboot']];
    case 'restart_all_services':
      return [['service', 'procps', 'force-reload']];
    case 'service_restart':
      return [
        ['systemctl', 'daemon-reload'],
        ...itemsOf(interrupt.services).map((service) => ['systemctl', 'restart', service]),
      ];
    default:
      return [];
  }
}

/** What Python goes through: a list, a text letter by letter, the keys of a dict. */
function itemsOf(services: PyValue): PyValue[] {
  if (Array.isArray(services)) return services;
  if (typeof services === 'string') return Array.from(services);
  if (services instanceof Map) return [...services.keys()];
  throw new PythonError('TypeError', `'${pythonType(services)}' object is not iterable`);
}

function argumentError(type: InterruptType, what: string): PythonError {
  return new PythonError('TypeError', `${className(type)}.__init__() ${what}`);
}

/** As the recorded messages have it: `node_restart` is `NodeRestart`. */
function className(type: InterruptType): string {
  return type.replaceAll(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());
}
