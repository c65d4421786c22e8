import { collapseTracebacks } from './tracebacks.ts';

const UTC_STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00/g;
const LOCAL_STAMP = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?/g;
const LOG_NAME_STAMP = /-\d{4}-\d\d-\d\d-\d{6}(?=\.log)/g;
const TEMPORARY_NAME = /\/tmp\/tmp[a-z0-9_]{8}/g;
const EPOCH = /^\d{9,11}\.\d{1,9}$/;

/**
 * Puts tokens where two runs of the same agent differ: the seven rules of goldens/README.md, in their order.
 *
 * Works on bytes (a Latin-1 text within), so that ill-formed output is compared as it is. `stampToken` gives each local time
 * stamp its token; by default all get the same one.
 */
export function normalise(
  text: Uint8Array,
  rootMount: string,
  stampToken: (stamp: string) => string = () => '<TS>',
): Buffer {
  const bytes = Buffer.from(text).toString('latin1');
  const tokens = bytes
    .replace(UTC_STAMP, '<TSUTC>')
    .replace(LOCAL_STAMP, stampToken)
    .replace(LOG_NAME_STAMP, '-<LOGTS>')
    .replace(TEMPORARY_NAME, '<TMP>')
    .replace(EPOCH, '<EPOCH>')
    .replaceAll(Buffer.from(rootMount).toString('latin1'), '{ROOT}');
  return Buffer.from(collapseTracebacks(tokens), 'latin1');
}

/** The name of a file without the moment in it (rule 3); for names that the agent made. */
export function normalisePath(path: string): string {
  return path.replace(LOG_NAME_STAMP, '-<LOGTS>');
}

/** The local time stamps of a text in their order, as they stand there; those with a zone are no local times. */
export function localStamps(text: Uint8Array): string[] {
  return Buffer.from(text).toString('latin1').replace(UTC_STAMP, '').match(LOCAL_STAMP) ?? [];
}

/** The stamps with a zone (`+00:00`) of a text in their order, zone included. */
export function utcStamps(text: Uint8Array): string[] {
  return Buffer.from(text).toString('latin1').match(UTC_STAMP) ?? [];
}
