import type { NxJsonConfiguration } from '@nx/devkit';
import type { Agents } from './agent.ts';
import type { TargetNames } from './plugin-options.ts';

/** Everything that decides what is inferred for one agent. */
export interface InferenceContext {
  workspaceRoot: string;
  nxJson: NxJsonConfiguration;
  names: TargetNames;
  agents: Agents;
}
