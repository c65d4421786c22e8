import type { Rule } from './rule.ts';
import { baseLatest, basePlatform, baseUnpinned } from './rules/base.ts';
import { addLocal, addUrl, copyAll, volumeWrite, workdirRelative } from './rules/files.ts';
import { secretInImage } from './rules/secrets.ts';
import { settingsDiffer } from './rules/settings.ts';
import { argUndefined, instructionInvalid, stageDuplicate, stageUnused } from './rules/stages.ts';
import { startDiffers, startMissing, startRepeated, startShellForm, userDiffers } from './rules/start.ts';
import { aptLists, aptRecommends, aptUpdate, maintainerOld, pipeToShell } from './rules/steps.ts';

/** The rules as a table in Markdown. */
export function lintReference(): string {
  const rows = RULES.map(({ code, severity, about }) => `| \`${code}\` | ${severity} | ${about} |`);
  return ['| code | | what it is about |', '|---|---|---|', ...rows].join('\n');
}

/** Every rule about what a Dockerfile says. */
export const RULES: readonly Rule[] = [
  instructionInvalid,
  baseLatest,
  baseUnpinned,
  basePlatform,
  stageDuplicate,
  stageUnused,
  argUndefined,
  secretInImage,
  userDiffers,
  startShellForm,
  startMissing,
  startRepeated,
  startDiffers,
  settingsDiffer,
  volumeWrite,
  addUrl,
  addLocal,
  copyAll,
  workdirRelative,
  aptUpdate,
  aptLists,
  aptRecommends,
  pipeToShell,
  maintainerOld,
];
