import { realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { NxJsonConfiguration } from '@nx/devkit';
import type { Input } from './inputs.ts';

/**
 * The inputs that stand for the code that builds images, and for the Node that runs it.
 *
 * Nx does not hash an executor's own code. Installed from a registry, the package's version stands for it; in the
 * repository that holds this plugin's source, its named input `toolchain` does. The version of Node counts because
 * Node brings the compressor, and so decides a layer's bytes.
 */
export function toolchainInputs(workspaceRoot: string, nxJson: NxJsonConfiguration): Input[] {
  const node: Input = { runtime: 'node --version' };
  if (!isLinked(workspaceRoot)) return [{ externalDependencies: ['@baton/nx'] }, node];
  return nxJson.namedInputs?.toolchain === undefined ? [node] : ['toolchain', node];
}

/** Named inputs that the workspace keeps for everything, as Nx's own templates do. */
export function sharedInputs(nxJson: NxJsonConfiguration): Input[] {
  return nxJson.namedInputs?.sharedGlobals === undefined ? [] : ['sharedGlobals'];
}

// A workspace package is linked into node_modules and really lies elsewhere; Nx knows no external dependency of its name.
function isLinked(workspaceRoot: string): boolean {
  try {
    return !realpathSync(join(workspaceRoot, 'node_modules', '@baton', 'nx')).includes(`${sep}node_modules${sep}`);
  } catch {
    return false;
  }
}
