import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { effect } from '@baton/kernel';
import { makeDirectories } from './tree-layout.ts';

/** The zones that a process subject knows: a POSIX rule, and how many minutes local time is ahead of UTC. */
export const ZONES: Readonly<Record<string, { rule: string; minutesAhead: number }>> = {
  UTC: { rule: 'UTC0', minutesAhead: 0 },
  'Asia/Kolkata': { rule: 'IST-5:30', minutesAhead: 330 },
};

/** Writes a zone file for each of {@link ZONES}, so that no zone data of the machine is needed. */
export async function layZoneFiles(root: string): Promise<void> {
  for (const [name, { rule, minutesAhead }] of Object.entries(ZONES)) {
    const path = join(root, 'usr/share/zoneinfo', name);
    await effect('write', path, () => {
      makeDirectories(dirname(path));
      writeFileSync(path, zoneFile(rule, minutesAhead), { mode: 0o644 });
    });
  }
}

/** A zone file (RFC 9636) with one type of local time and no transitions: once in version 1, once in 2, and the rule. */
function zoneFile(rule: string, minutesAhead: number): Buffer {
  const name = `${/^[A-Z]+/.exec(rule)?.[0] ?? ''}\0`;
  const header = Buffer.alloc(44);
  header.write('TZif2', 0, 'latin1');
  header.writeUInt32BE(1, 36); // number of types
  header.writeUInt32BE(name.length, 40);
  const type = Buffer.alloc(6);
  type.writeInt32BE(minutesAhead * 60, 0);
  const block = Buffer.concat([header, type, Buffer.from(name)]);
  return Buffer.concat([block, block, Buffer.from(`\n${rule}\n`)]);
}
