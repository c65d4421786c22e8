import type { Digest } from '@baton/kernel';
import type { Descriptor } from '@baton/oci';

/** One thing that was looked at. `pending` could not be looked at, and never counts as passed. */
export interface ImageCheck {
  /** Stable: `libraries`, `volume-l1`. */
  id: string;
  /** Absent for what is about the image as a whole. */
  platform?: string | undefined;
  result: 'passed' | 'failed' | 'noted' | 'pending';
  /** One sentence: expected, found, where. */
  detail: string;
}

/** One platform as it was read back. */
export interface VerifiedPlatform {
  platform: string;
  manifest: Descriptor;
  config: Digest;
  layers: { digest: Digest; size: number; diffId?: Digest | undefined }[];
  /** Things seen in the flattened tree. */
  files: number;
  /** The program that starts and what it is started by, outermost last: `/app/run`, `/bin/sh`. */
  program: string[];
  /** Libraries that it needs, in the order they are looked for, and where they are. */
  libraries: { name: string; path: string }[];
}

/** How the image's program was started, and what it said. */
export interface SmokeRun {
  platform: string;
  /** 'in the engine at unix:///var/run/docker.sock', 'unpacked, in namespaces of its own'. */
  how: string;
  command: string[];
  /** Null when it was ended by a signal or by its time limit. */
  code: number | null;
  /** The start of each stream, as text. */
  stdout: string;
  stderr: string;
  /** Whether more was printed than is kept here. */
  cut: boolean;
}

/** What came of reading an image back. */
export interface Verification {
  /** A reference with digest, or the path of a layout. */
  image: string;
  kind: 'registry' | 'project' | 'layout';
  index: { digest: Digest; size?: number | undefined; mediaType?: string | undefined };
  verdict: 'verified' | 'failed';
  checks: ImageCheck[];
  platforms: VerifiedPlatform[];
  run?: SmokeRun | undefined;
  /** Absolute path of the statement. */
  statement?: string | undefined;
  /** Absolute path of the page. */
  html?: string | undefined;
}
