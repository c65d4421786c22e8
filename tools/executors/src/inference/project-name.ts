import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from './agent.ts';

/**
 * The name that people give to Nx: `project.json` or `package.json` beside the manifest have the last word on a
 * project's name. Good for texts only; Nx itself follows the manifest's name wherever a target refers to it.
 */
export function projectName(workspaceRoot: string, agent: Agent): string {
  const { nx, ...packageJson } = namesIn(join(workspaceRoot, agent.root, 'package.json'));
  const candidates = [namesIn(join(workspaceRoot, agent.root, 'project.json')).name, nx?.name, packageJson.name];
  return candidates.find((name) => typeof name === 'string' && name !== '') ?? agent.manifest.name;
}

function namesIn(file: string): { name?: string; nx?: { name?: string } } {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) ?? {};
  } catch {
    // Usually absent; a broken one is for Nx to complain about.
    return {};
  }
}
