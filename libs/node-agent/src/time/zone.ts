import { readFileSync } from 'node:fs';
import { encodeOs } from '../python-text/index.ts';
import type { LocalZone } from './local-zone.ts';
import { parsePosixZone } from './posix-zone.ts';
import { parseZoneFile } from './zone-file.ts';

/**
 * The zone that glibc makes of the variables TZ and TZDIR (OS texts; contract, 18.3).
 *
 * Unset: /etc/localtime. A colon at the front is dropped. Then the name of a zone file, absolute or below TZDIR (/usr/share/zoneinfo);
 * where there is none, a POSIX rule such as `CET-1CEST,M3.5.0,M10.5.0/3`. Everything else, and the empty text, is UTC.
 */
export function zoneOf(tz: string | undefined, directory?: string): LocalZone {
  if (tz === undefined) return zoneFile(SITE_ZONE) ?? UTC;
  const name = tz.startsWith(':') ? tz.slice(1) : tz;
  if (name === '') return UTC;
  return zoneFile(name.startsWith('/') ? name : `${directory || ZONES}/${name}`) ?? parsePosixZone(name);
}

/** The zone of this process, by its own TZ. Nothing is read before the first question, and then once. */
export function localZone(): LocalZone {
  return { offsetAt: (seconds) => own().offsetAt(seconds) };
}

let ownZone: LocalZone | undefined;

function own(): LocalZone {
  ownZone ??= zoneOf(process.env.TZ, process.env.TZDIR);
  return ownZone;
}

const SITE_ZONE = '/etc/localtime';
const ZONES = '/usr/share/zoneinfo';
const UTC: LocalZone = { offsetAt: () => 0 };

function zoneFile(path: string): LocalZone | undefined {
  try {
    return parseZoneFile(readFileSync(encodeOs(path)));
  } catch {
    return undefined; // not there, not readable, a directory
  }
}
