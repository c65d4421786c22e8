import type { Command } from './command.ts';

/** A command as the help lists it; its options are loaded only when it is called or described. */
export interface CommandEntry {
  /** `image build`. */
  name: string;
  summary: string;
  /** More sentences for its own help. */
  about: string;
  examples: readonly { line: string; meaning: string }[];
  load(): Promise<Command>;
}

/** Command groups and what they are about. */
export const GROUPS: Readonly<Record<string, string>> = {
  image: "Build an agent's image and publish it; no container engine is needed",
  evidence: 'Read and check the statements that the other commands leave',
};

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'image plan',
    summary: 'show how the image would be built, and change nothing',
    about: 'The same as "image build --dry-run".',
    examples: [
      { line: 'baton image plan apps/agent', meaning: 'layers, configuration and tags that a build would give' },
    ],
    load: async () => (await import('./commands/image-plan.ts')).imagePlan,
  },
  {
    name: 'image build',
    summary: 'build the image that agent.yaml describes',
    about:
      'Runs the bundle command, packs the layers and writes an OCI image layout to dist/image and a statement to ' +
      'dist/evidence/image.json. The same inputs give the same bytes. When nothing changed it does nothing and says so.',
    examples: [
      { line: 'baton image build apps/agent', meaning: 'build for every platform of apps/agent/agent.yaml' },
      { line: 'baton image build --dry-run', meaning: 'the plan for ./agent.yaml; nothing is written' },
      { line: 'baton image build --release 1.2.0', meaning: 'with this version in its labels' },
    ],
    load: async () => (await import('./commands/image-build.ts')).imageBuild,
  },
  {
    name: 'image publish',
    summary: 'push the built image under the tags its version allows, once',
    about:
      'Pushes blobs, manifests and the index, then the tags. A version tag is never overwritten. It wants the statement ' +
      'of the build; credentials come from the file that "docker login" writes, or GITHUB_TOKEN for ghcr.io.',
    examples: [
      { line: 'baton image publish apps/agent --build', meaning: 'bundle, build and push in one go' },
      { line: 'baton image publish --dry-run', meaning: 'what would be uploaded, and which tags would move' },
      { line: 'baton image publish --repository 127.0.0.1:5000/agent', meaning: 'to another registry' },
    ],
    load: async () => (await import('./commands/image-publish.ts')).imagePublish,
  },
  {
    name: 'image export',
    summary: 'write the image out complete: layout, archive or files',
    about: 'dist/image holds only the layers of its own; an export has those of the base as well.',
    examples: [
      { line: 'baton image export apps/agent out', meaning: 'a complete OCI layout in out/' },
      { line: 'baton image export . agent.tar --format archive', meaning: 'the same as one file' },
      { line: 'baton image export . root --format rootfs --platform linux/amd64', meaning: 'the unpacked files' },
    ],
    load: async () => (await import('./commands/image-export.ts')).imageExport,
  },
  {
    name: 'image inspect',
    summary: 'show what an image is made of',
    about: 'Takes a registry reference, an OCI layout directory or a project.',
    examples: [
      { line: 'baton image inspect apps/agent', meaning: 'the built image of a project, and its statements' },
      { line: 'baton image inspect ghcr.io/acme/node-agent:1.2.0', meaning: 'a published one' },
    ],
    load: async () => (await import('./commands/image-inspect.ts')).imageInspect,
  },
  {
    name: 'image lock',
    summary: 'pin bases and packages in image.lock.json',
    about: 'Looks up what the references and packages of agent.yaml are now and writes their digests down.',
    examples: [
      { line: 'baton image lock', meaning: 'pin what ./agent.yaml names' },
      { line: 'baton image lock --check', meaning: 'only tell whether something moved' },
    ],
    load: async () => (await import('./commands/image-lock.ts')).imageLock,
  },
  {
    name: 'evidence show',
    summary: 'print statements: what went in, what came out, what was checked',
    about: 'Takes a statement, a directory of statements or a project.',
    examples: [{ line: 'baton evidence show apps/agent', meaning: 'every statement in apps/agent/dist/evidence' }],
    load: async () => (await import('./commands/evidence-show.ts')).evidenceShow,
  },
  {
    name: 'evidence verify',
    summary: 'check a statement: its form, its signature, what it is about',
    about: 'Exit code 1 when it does not hold.',
    examples: [
      { line: 'baton evidence verify dist/evidence/image.json', meaning: 'form and, when it is signed, the signature' },
      { line: 'baton evidence verify image.json --key release.pub', meaning: 'it must be signed by this key' },
    ],
    load: async () => (await import('./commands/evidence-verify.ts')).evidenceVerify,
  },
  {
    name: 'doctor',
    summary: 'tell what this machine has, and what each lack costs',
    about:
      'Changes nothing. With an agent.yaml in the directory it fails when something is missing that this file needs.',
    examples: [
      { line: 'baton doctor', meaning: 'this machine' },
      { line: 'baton -C apps/agent doctor', meaning: 'this machine, for that agent' },
    ],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
];
