import { pathText } from '../path-text.ts';

/** What `git status --porcelain=v2 --branch -z` says; paths as `pathText` gives them. */
export interface Status {
  head: string | undefined;
  branch: string | undefined;
  modified: string[];
  staged: string[];
  unmerged: string[];
  untracked: string[];
  ignored: string[];
}

/** The arguments that {@link parseStatus} understands the answer of. */
export const STATUS = [
  ...['status', '--porcelain=v2', '--branch', '-z', '--no-renames'],
  ...['--untracked-files=normal', '--ignored=traditional', '--ignore-submodules=none'],
];

/** Reads the answer; git-status(1), "Porcelain Format Version 2". */
export function parseStatus(answer: Buffer): Status {
  const status: Status = {
    head: undefined,
    branch: undefined,
    modified: [],
    staged: [],
    unmerged: [],
    untracked: [],
    ignored: [],
  };
  for (let at = 0; at < answer.byteLength; ) {
    const end = answer.indexOf(0, at);
    const record = answer.subarray(at, end === -1 ? answer.byteLength : end);
    readRecord(record, status);
    at += record.byteLength + 1;
  }
  return status;
}

function readRecord(record: Buffer, status: Status): void {
  const kind = record.toString('latin1', 0, 1);
  if (kind === '#') readHeader(record.toString('utf8'), status);
  else if (kind === '?') status.untracked.push(pathText(record.subarray(2)));
  else if (kind === '!') status.ignored.push(pathText(record.subarray(2)));
  else if (kind === 'u') status.unmerged.push(pathText(afterFields(record, 10)));
  else if (kind === '1') {
    const path = pathText(afterFields(record, 8));
    const [, xy = '..', submodule = 'N...'] = record.toString('latin1', 0, 12).split(' ');
    if (xy[0] !== '.') status.staged.push(path);
    // Files that nobody tracks in a submodule are no change of it: they move along with it.
    if (xy[1] !== '.' && !/^S\.\.U$/.test(submodule)) status.modified.push(path);
  }
}

function readHeader(line: string, status: Status): void {
  const [, name, value] = /^# (\S+) (.*)$/s.exec(line) ?? [];
  if (name === 'branch.oid' && value !== '(initial)') status.head = value;
  if (name === 'branch.head' && value !== '(detached)') status.branch = `refs/heads/${value}`;
}

function afterFields(record: Buffer, fields: number): Buffer {
  let at = 0;
  for (let n = 0; n < fields; n += 1) at = record.indexOf(0x20, at) + 1;
  return record.subarray(at);
}
