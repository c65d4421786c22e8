import type { EngineReport } from '@baton/engine';
import type { Digest } from '@baton/kernel';
import type { Finding } from '../lint/finding.ts';
import type { EngineMade } from './engine-record.ts';

/** What a build by an engine adds to a result. */
export interface EngineBuilt {
  /** Of the engine: `unix:///var/run/docker.sock`. */
  address: string;
  images: (EngineMade & { cached: boolean })[];
  lint: { errors: number; warnings: number; allowed: number };
  context: { digest: Digest; files: number; size: number };
}

/** What a build by an engine would do. */
export interface EnginePlan {
  /** What answers, or why nothing does. */
  report: EngineReport;
  /** How it would be asked to build; undefined when nothing answers. */
  protocol?: 'buildkit' | 'classic' | undefined;
  dockerfile: string;
  target?: string | undefined;
  /** What would be sent; undefined while the bundle is to be made first. */
  context: { path: string; digest: Digest; files: number; size: number };
  bases: string[];
  platforms: {
    platform: string;
    name: string;
    action: 'build' | 'unchanged';
    image?: Digest | undefined;
    reason: string;
  }[];
  lint: Finding[];
}
