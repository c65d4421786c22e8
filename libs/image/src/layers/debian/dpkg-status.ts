import { BatonError } from '@baton/kernel';

/** A paragraph of a Debian control file. */
export interface Control {
  package: string;
  version: string;
  architecture: string;
  /** As the package has it, without empty lines around it. */
  text: string;
}

/** Reads a package's control paragraph (Debian Policy, section 5.1). Errors: `LAYER_INVALID`, naming `where`. */
export function parseControl(bytes: Buffer, where: string): Control {
  const text = bytes.toString('utf8').replace(/^\n+|\n+$/g, '');
  const field = (name: string): string => {
    const value = new RegExp(`^${name}:[ \\t]*(\\S+)[ \\t]*$`, 'im').exec(text)?.[1];
    if (value === undefined) throw new BatonError('LAYER_INVALID', `the control file of ${where} has no ${name}`);
    return value;
  };
  if (text.includes('\n\n')) throw new BatonError('LAYER_INVALID', `the control file of ${where} has two paragraphs`);
  return { package: field('Package'), version: field('Version'), architecture: field('Architecture'), text };
}

/**
 * What `var/lib/dpkg/status.d/<package>` says: the control paragraph, as installed. Vulnerability scanners read these
 * files in images that have no package manager.
 */
export function statusEntry(control: Control): string {
  const [first, ...rest] = control.text.split('\n').filter((line) => !/^status:/i.test(line));
  return `${[first, 'Status: install ok installed', ...rest].join('\n')}\n`;
}
