import type { CommandEntry } from './command-entry.ts';

/** Commands of the group `image`, in the order of the help. */
export const IMAGE_COMMANDS: readonly CommandEntry[] = [
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
      'of the build; credentials come from the files that "docker login" and "podman login" write, their helpers, or ' +
      'GITHUB_TOKEN for ghcr.io.',
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
      { line: 'baton image export . agent.tar --format docker-archive', meaning: 'one platform, for "docker load"' },
      { line: 'baton image export . root --format rootfs --platform linux/amd64', meaning: 'the unpacked files' },
    ],
    load: async () => (await import('./commands/image-export.ts')).imageExport,
  },
  {
    name: 'image load',
    summary: 'put the image into a container engine',
    about:
      "Takes a project, an OCI layout directory or a registry reference; the platform is the engine's own. An image that " +
      'the engine has already is only named. Afterwards it is read back: its ID and layers must be those that were built.',
    examples: [
      { line: 'baton image load apps/agent', meaning: 'under the name and version of apps/agent/agent.yaml' },
      { line: 'baton image load apps/agent --name agent:dev', meaning: 'under another name' },
      {
        line: 'baton image load ghcr.io/acme/node-agent:1.2.0',
        meaning: "a published one, without the engine's own pull",
      },
    ],
    load: async () => (await import('./commands/image-load.ts')).imageLoad,
  },
  {
    name: 'image rootfs',
    summary: 'make the root file system of an image as one file',
    about:
      'Streams the layers of one platform from where they are into a squashfs file system (with the program tar2sqfs) or ' +
      'a flat tar archive. Equal images give equal bytes. The file is kept in the cache; its path is the last line printed.',
    examples: [
      { line: 'baton image rootfs ghcr.io/acme/agent:1.2.0', meaning: "of this machine's platform, as squashfs" },
      {
        line: 'baton image rootfs apps/agent --format tar --to root.tar',
        meaning: 'of a built project, as one archive',
      },
    ],
    load: async () => (await import('./commands/image-rootfs.ts')).imageRootfs,
  },
  {
    name: 'image inspect',
    summary: 'show what an image is made of',
    about:
      'Takes a registry reference, an OCI layout directory or a project. Of an image in a registry it shows what is ' +
      'attached as well: SBOM, provenance, statements, signatures.',
    examples: [
      { line: 'baton image inspect apps/agent', meaning: 'the built image of a project, and its statements' },
      { line: 'baton image inspect ghcr.io/acme/node-agent:1.2.0', meaning: 'a published one, and what is attached' },
      {
        line: 'baton image inspect ghcr.io/acme/node-agent:1.2.0 --key release.pub',
        meaning: 'with signatures checked',
      },
    ],
    load: async () => (await import('./commands/image-inspect.ts')).imageInspect,
  },
  {
    name: 'image lint',
    summary: 'look a Dockerfile over for what hurts agents',
    about:
      'Takes a Dockerfile, a directory with one, or a project whose agent.yaml names one; then it is held to the manifest ' +
      'as well. A comment right above an instruction allows one finding: # baton: allow RULE why it is right here. ' +
      'Exit code 1 when there are errors.',
    examples: [
      { line: 'baton image lint Dockerfile', meaning: 'one file' },
      {
        line: 'baton image lint apps/agent --strict',
        meaning: 'the Dockerfile of a project; warnings count as errors',
      },
    ],
    load: async () => (await import('./commands/image-lint.ts')).imageLint,
  },
  {
    name: 'image attest',
    summary: 'attach statements to a published image, or sign it',
    about:
      'What is attached is found by the digest of the image: where the registry lists referrers, and by a tag elsewhere. ' +
      'A signature is the one that "cosign verify --key" looks for.',
    examples: [
      {
        line: 'baton image attest ghcr.io/acme/node-agent:1.2.0 --statement dist/evidence/verify.json',
        meaning: 'what verifying it found, for whoever pulls it',
      },
      {
        line: 'baton image attest ghcr.io/acme/node-agent@sha256:... --sign --key release.pem',
        meaning: 'sign an image again that is kept for rolling back',
      },
    ],
    load: async () => (await import('./commands/image-attest.ts')).imageAttest,
  },
  {
    name: 'image verify',
    summary: 'read an image back and check that it is whole and can be started',
    about:
      'Takes a registry reference, an OCI layout directory or a project. Reads every byte by digest, then looks at ' +
      'entrypoint, architecture, libraries, user, settings and volumes; starts it once where agent.yaml has a section ' +
      'image.verify. Exit code 1 when a check failed; what could not be checked is listed as pending.',
    examples: [
      { line: 'baton image verify ghcr.io/acme/node-agent:1.2.0', meaning: 'a published image, every platform' },
      { line: 'baton image verify .', meaning: 'what ./agent.yaml built, held against agent.yaml' },
      { line: 'baton image verify . --published --html verify.html', meaning: 'what it published; also as a page' },
      { line: 'baton image verify agent:1.2.0 --compose compose.yaml', meaning: 'volumes against mounts as well' },
    ],
    load: async () => (await import('./commands/image-verify.ts')).imageVerify,
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
    name: 'image retention plan',
    summary: 'tell which published images could go, and why the rest stays',
    about:
      'Reads all tags of a repository, and says of each whether the policy (image.retention in agent.yaml, or --policy) ' +
      'keeps it. What a kept tag leads to stays as well. It never deletes anything.',
    examples: [
      { line: 'baton image retention plan apps/agent', meaning: 'by the policy of apps/agent/agent.yaml' },
      {
        line: 'baton image retention plan ghcr.io/acme/node-agent --keep-last 5',
        meaning: 'a repository: the newest five versions of each line stay',
      },
      { line: 'baton image retention plan --date 2027-03-01', meaning: 'as it will be on that day' },
    ],
    load: async () => (await import('./commands/image-retention-plan.ts')).imageRetentionPlan,
  },
];
