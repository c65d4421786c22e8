/** A Debian package that an image has. */
export interface DebianPackage {
  name: string;
  version: string;
  architecture: string;
  /** The source package, where it has another name or version: `glibc`, `gcc-12 (12.2.0-14)`. */
  source?: string | undefined;
}

/**
 * The installed packages of a `var/lib/dpkg/status` file, or of one file of `status.d` (which has no `Status`, as a
 * package is there or is not). Paragraphs that lack what a package has are passed over, as dpkg does.
 */
export function installedPackages(text: string): DebianPackage[] {
  const found: DebianPackage[] = [];
  let fields = new Map<string, string>();
  // By lines and not by patterns: a database of somebody else's may have lines of any length.
  for (const line of `${text}\n\n`.split('\n')) {
    const colon = line.indexOf(':');
    if (line.trim() === '') {
      const item = installed(fields);
      if (item !== undefined) found.push(item);
      fields = new Map();
    } else if (colon > 0 && line[0] !== ' ' && line[0] !== '\t') {
      const name = line.slice(0, colon).toLowerCase();
      if (FIELDS.has(name)) fields.set(name, line.slice(colon + 1).trim());
    }
  }
  return found;
}

const FIELDS: ReadonlySet<string> = new Set(['package', 'version', 'status', 'architecture', 'source']);

function installed(fields: ReadonlyMap<string, string>): DebianPackage | undefined {
  const [name, version, source] = ['package', 'version', 'source'].map((key) => fields.get(key) || undefined);
  const status = fields.get('status') ?? 'installed';
  if (name === undefined || version === undefined || status.split(' ').at(-1) !== 'installed') return undefined;
  const architecture = fields.get('architecture') || 'all';
  return { name, version, architecture, ...(source === undefined ? {} : { source }) };
}

/** `ID` and `VERSION_ID` of an os-release file (os-release(5)). */
export function osRelease(text: string): { id?: string; version?: string } {
  const value = (key: string): string | undefined =>
    new RegExp(`^${key}=(["']?)([A-Za-z0-9._-]+)\\1[ \\t]*$`, 'm').exec(text)?.[2];
  const id = value('ID');
  const version = value('VERSION_ID');
  return { ...(id === undefined ? {} : { id }), ...(version === undefined ? {} : { version }) };
}
