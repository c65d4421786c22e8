import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentRecording, temporaryDirectory } from '@baton/testkit';

/** Lays recordings out in a temporary directory, each in a folder of its name. */
export function layRecordings(recordings: Record<string, Partial<AgentRecording>>): string {
  const directory = temporaryDirectory('recordings');
  for (const [name, files] of Object.entries(recordings)) {
    mkdirSync(join(directory, name));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, name, file), text);
  }
  return directory;
}
