import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { BatonError, sha256, toBatonError } from '@baton/kernel';
import { type AgentManifest, parseAgentManifest } from '@baton/manifest';
import type { Agent, Agents } from './agent.ts';

/** The manifests that could be read, and what is wrong with the others. */
export interface ReadAgents {
  agents: Agents;
  errors: [file: string, error: BatonError][];
}

// Nx's daemon keeps the plugin loaded and asks again on every change of any file: an unchanged manifest is parsed once.
const parsed = new Map<string, AgentManifest>();

/**
 * Reads and checks manifests.
 *
 * @param files relative to the workspace root
 */
export function readAgents(workspaceRoot: string, files: readonly string[]): ReadAgents {
  const agents = new Map<string, Agent>();
  const errors: ReadAgents['errors'] = [];
  const byName = new Map<string, string>();
  for (const file of [...files].sort()) {
    try {
      const manifest = readManifest(workspaceRoot, file);
      const other = byName.get(manifest.name);
      if (other !== undefined) throw sameName(manifest.name, file, other);
      byName.set(manifest.name, file);
      const root = posix.dirname(file);
      agents.set(root, { file, root, manifest });
    } catch (error) {
      errors.push([file, toBatonError(error)]);
    }
  }
  return { agents, errors };
}

function readManifest(workspaceRoot: string, file: string): AgentManifest {
  const bytes = readFileSync(join(workspaceRoot, file));
  const key = `${file}\n${sha256(bytes)}`;
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const manifest = parseAgentManifest(bytes, file);
  parsed.set(key, manifest);
  return manifest;
}

function sameName(name: string, file: string, other: string): BatonError {
  return new BatonError('MANIFEST_INVALID', `${file}: the name "${name}" is taken by ${other}`, {
    hint: 'Give each agent a name of its own; a folder that is not meant to be one belongs in .nxignore.',
  });
}
