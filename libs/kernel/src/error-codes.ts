/**
 * Every error code that Baton can print, with its exit code and what it means.
 *
 * The codes are part of the contract: scripts match on them, `docs/errors.md` is generated from this table, and a code
 * is never renamed or given another meaning. Exit codes: 1 the check failed, 2 usage or invalid manifest, 3 the
 * environment failed, 4 undetermined, 5 golden set wrong, 130 interrupted.
 */
export const ERROR_CODES = {
  // Usage and manifests
  USAGE: { exit: 2, meaning: 'The command line or the executor options are wrong.' },
  MANIFEST_NOT_FOUND: { exit: 2, meaning: 'No `agent.yaml` where one was expected.' },
  MANIFEST_INVALID: { exit: 2, meaning: '`agent.yaml` breaks its schema: unknown key, wrong type, missing value.' },
  INVALID_REFERENCE: { exit: 2, meaning: 'Text that should be an image reference, a tag or a digest is not one.' },
  INVALID_PLATFORM: { exit: 2, meaning: 'Text that should be a platform (`os/architecture[/variant]`) is not one.' },
  VERSION_INVALID: { exit: 2, meaning: 'The version is not a semantic version, or cannot be written as a tag.' },
  VERSION_MISMATCH: { exit: 1, meaning: 'The version to publish is not the version the image says it is.' },
  REVISION_DIRTY: { exit: 1, meaning: 'A version tag was asked for an image built from uncommitted changes.' },
  LOCK_INVALID: { exit: 2, meaning: '`image.lock.json` is damaged or was written by a newer Baton.' },
  LOCK_MISSING: { exit: 2, meaning: 'A base or a layer needs an entry in `image.lock.json` and has none.' },
  DRIVER_UNSUPPORTED: { exit: 2, meaning: 'The chosen driver cannot do what the manifest asks for.' },
  PLATFORM_UNSUPPORTED: { exit: 3, meaning: 'This operating system cannot do what was asked.' },

  // What goes into an image
  CONTEXT_INVALID: { exit: 2, meaning: 'A layer names a file that leaves its root, is a socket or device, or loops.' },
  LAYER_SOURCE_MISSING: { exit: 2, meaning: 'A layer names a file, directory or package that does not exist.' },
  FILE_UNREADABLE: { exit: 3, meaning: 'A file that is needed cannot be read.' },
  FILE_CHANGED: { exit: 3, meaning: 'A file changed while it was being read.' },
  BUNDLE_FAILED: { exit: 1, meaning: "The manifest's bundle command failed." },
  BASE_NOT_FOUND: { exit: 3, meaning: 'The base image is not where the manifest says.' },
  BASE_DRIFT: { exit: 1, meaning: 'The base, a package or an archive differs from what `image.lock.json` pins.' },
  PLATFORM_MISSING: { exit: 2, meaning: 'The base has no image for a platform that the manifest lists.' },
  PACKAGE_UNAVAILABLE: { exit: 3, meaning: 'An npm or Debian package cannot be had in the version asked for.' },

  BUILD_FAILED: { exit: 1, meaning: 'A step of a Dockerfile failed.' },
  DOCKERFILE_INVALID: { exit: 2, meaning: 'A Dockerfile cannot be read as one.' },

  // Parity: scenarios and subjects
  SCENARIO_INVALID: { exit: 2, meaning: 'A scenario breaks its schema: unknown key, wrong type, missing value.' },
  SCENARIO_DUPLICATE: { exit: 2, meaning: 'Two scenarios have the same id.' },
  SCENARIO_NOT_FOUND: { exit: 2, meaning: 'A scenario was named that does not exist.' },
  FIXTURE_MISSING: { exit: 2, meaning: 'A scenario names a fixture file that does not exist.' },
  RECORDING_INVALID: { exit: 2, meaning: 'A recording to import is not in the form that is understood.' },
  SUBJECT_NOT_FOUND: {
    exit: 3,
    meaning: 'A program or image to compare is not where it should be. It is never skipped.',
  },
  SUBJECT_FAILED: { exit: 3, meaning: 'A subject could not be run at all.' },
  SUBJECTS_IDENTICAL: { exit: 2, meaning: 'OLD and NEW are the same thing, and the run is not declared a noise run.' },
  NAMESPACE_UNAVAILABLE: {
    exit: 3,
    meaning: 'Scenarios need root and private mounts, and this machine gives neither.',
  },
  FEEDER_UNAVAILABLE: { exit: 3, meaning: 'A scenario needs the feeder, which is not built and cannot be built here.' },
  PARITY_EMPTY: { exit: 3, meaning: 'There is no scenario to run: nothing would be proved.' },
  PARITY_NOTHING_RAN: { exit: 3, meaning: 'A scenario ended before any of its steps ran.' },
  PARITY_TIMEOUT: { exit: 4, meaning: 'A subject did not end in time, so nothing is known about it.' },
  PARITY_DIVERGED: { exit: 1, meaning: 'OLD and NEW differ.' },
  PARITY_FAILED: { exit: 3, meaning: 'A parity run proves nothing: harness, subjects or scenarios failed.' },
  PARITY_UNDETERMINED: { exit: 4, meaning: 'A scenario gave no verdict: noise, a leak or a fault of the harness.' },
  SKIPS_EXCEEDED: { exit: 3, meaning: 'More scenarios were left out than declared, or one without a reason.' },
  STRAY_PROCESS: { exit: 4, meaning: 'A process of a subject still runs and holds its streams.' },
  CLOCK_LEAK: { exit: 4, meaning: 'The clock of a scenario stands still, and a subject printed the real time.' },
  READER_NOT_IDLE: { exit: 4, meaning: 'The feeder did not find its reader, or the reader never went idle.' },
  SHARD_INCOMPLETE: { exit: 3, meaning: 'The merged shards do not hold every scenario exactly once.' },
  SELF_TEST_FAILED: {
    exit: 3,
    meaning: 'The comparator overlooked a planted difference: its verdict is worth nothing.',
  },

  // Parity: goldens
  GOLDEN_MISSING: { exit: 5, meaning: 'A scenario has no golden.' },
  GOLDEN_OBSOLETE: { exit: 5, meaning: 'A golden has no scenario.' },
  GOLDEN_DAMAGED: { exit: 5, meaning: 'A golden was edited by hand, or does not decode to what its manifest says.' },
  GOLDEN_LFS_POINTER: { exit: 5, meaning: 'A Git LFS pointer lies where a golden should be.' },
  GOLDEN_EMPTY: { exit: 5, meaning: 'A golden holds nothing, and its scenario does not expect silence.' },
  GOLDEN_CHANNELS: { exit: 5, meaning: 'A golden holds other channels than its scenario observes.' },
  GOLDEN_NOISY: { exit: 4, meaning: 'OLD did not do the same thing twice: it cannot be recorded.' },
  GOLDEN_READ_ONLY: { exit: 2, meaning: 'Goldens are not written in CI.' },

  // Parity: tokens and declared divergences
  TOKEN_INVALID: { exit: 2, meaning: 'A token rule breaks its schema, matches the empty text or has no anchor.' },
  TOKEN_UNVALIDATED: { exit: 2, meaning: 'A token rule has no validator: it would hide anything.' },
  TOKEN_OVERLAP: { exit: 2, meaning: 'Two token rules match the same bytes.' },
  TOKEN_UNUSED: { exit: 1, meaning: 'A token rule was found less often than it must.' },
  TOKEN_EXCEEDED: { exit: 1, meaning: 'A token rule was found more often than it may.' },
  TOKEN_BUDGET: { exit: 1, meaning: 'A token rule hides too much: of a line, of a stream, or a line end.' },
  TOKEN_CROSSES: { exit: 1, meaning: 'A token crosses from one channel to another without a type.' },
  TOKEN_HIDES_ALL: { exit: 1, meaning: 'Nothing is left to compare once the tokens are taken out.' },
  DIVERGENCE_INVALID: { exit: 2, meaning: 'A declared divergence has no reason, no expiry, or breaks its schema.' },
  DIVERGENCE_WILDCARD: { exit: 2, meaning: 'A declared divergence covers every channel.' },
  DIVERGENCE_EXPIRED: { exit: 1, meaning: 'A declared divergence is past its date.' },
  DIVERGENCE_UNUSED: { exit: 1, meaning: 'A declared divergence was not found.' },
  DIVERGENCE_TOO_LARGE: { exit: 1, meaning: 'A declared divergence holds more bytes than it may.' },

  // Images, layouts, stores
  IMAGE_NOT_BUILT: { exit: 2, meaning: 'There is no built image where one was expected.' },
  IMAGE_INVALID: { exit: 1, meaning: 'A manifest, index, config or layout breaks the OCI image specification.' },
  LAYER_INVALID: { exit: 1, meaning: 'A layer is not a valid tar archive, or is one that must not be unpacked.' },
  DIGEST_MISMATCH: { exit: 3, meaning: 'Bytes do not have the digest or size that was promised for them.' },
  BLOB_MISSING: { exit: 3, meaning: 'A blob that is needed is not in the store or layout.' },
  STORE_CORRUPT: { exit: 3, meaning: 'A stored blob no longer has its digest; it was moved to quarantine.' },

  LINT_FAILED: { exit: 1, meaning: 'A Dockerfile breaks a rule of the lint that is an error.' },
  VERIFY_FAILED: { exit: 1, meaning: 'An image was read back and at least one check failed.' },
  COMPOSE_INVALID: {
    exit: 2,
    meaning: 'A compose file cannot be read, or does not use the image it is checked against.',
  },
  RETENTION_INVALID: { exit: 2, meaning: 'A retention policy cannot be read, or contradicts itself.' },

  // Registries
  AUTH_MISSING: { exit: 3, meaning: 'The registry wants credentials and none were found.' },
  AUTH_DENIED: { exit: 3, meaning: 'The registry refused the credentials it was given.' },
  CREDENTIALS_INVALID: {
    exit: 3,
    meaning: "Docker's or podman's credential file cannot be read or is not valid, or a helper it names fails.",
  },
  REGISTRY_UNREACHABLE: { exit: 3, meaning: 'No answer from the registry: name, connection, TLS or time-out.' },
  REGISTRY_REJECTED: { exit: 3, meaning: 'The registry answered with an error that repeating will not cure.' },
  REGISTRY_PROTOCOL: { exit: 3, meaning: 'The registry answered in a way the distribution specification forbids.' },
  RATE_LIMITED: {
    exit: 3,
    meaning: 'The registry or the forge limits the rate of requests, for longer than it is worth waiting.',
  },
  IMAGE_NOT_FOUND: { exit: 3, meaning: 'The registry answered, and has no such manifest or blob.' },
  UPLOAD_LOST: { exit: 3, meaning: 'The registry forgot an upload session more often than is worth repeating.' },
  TAG_CONFLICT: { exit: 1, meaning: 'A version tag exists with another digest; version tags are written once.' },

  REDIRECT_REFUSED: {
    exit: 3,
    meaning: 'The registry redirects to where Baton does not go: a private address, or too often.',
  },

  // Container engines
  ENGINE_UNAVAILABLE: { exit: 3, meaning: 'No container engine answers, or it is too old.' },
  ENGINE_FAILED: { exit: 3, meaning: 'The container engine answered with an error.' },

  // Edits
  EDIT_INVALID: {
    exit: 2,
    meaning: 'An edit operation contradicts itself, or a file cannot be read as what it should be.',
  },
  EDIT_NO_MATCH: { exit: 2, meaning: 'An edit found no place in the file, and is not declared optional.' },
  EDIT_COUNT: { exit: 2, meaning: 'An edit found another number of places than it expects.' },
  EDIT_AMBIGUOUS: { exit: 2, meaning: 'An edit that is about one place fits several.' },
  EDIT_OVERLAP: { exit: 2, meaning: 'Two edits touch the same bytes of a file, or insert at the same place.' },
  EDIT_REFUSED: { exit: 2, meaning: 'A file must not be edited: binary, not UTF-8, a link, or it says so itself.' },
  EDIT_UNVERIFIED: { exit: 3, meaning: 'An edited file does not read as the edit intended; nothing was written.' },
  PATTERN_INVALID: { exit: 2, meaning: 'A regular expression or a glob cannot be read.' },
  PATTERN_TIMEOUT: { exit: 2, meaning: 'A regular expression takes too long on a file: it backtracks without end.' },

  // Cutovers
  CUTOVER_NOT_FOUND: {
    exit: 2,
    meaning: 'No `cutover.yaml` where one was expected, or nothing in a repository to propose one for.',
  },
  CUTOVER_INVALID: {
    exit: 2,
    meaning: '`cutover.yaml` breaks its schema: unknown key, wrong type, missing value, unsafe path.',
  },
  CUTOVER_REFUSED: {
    exit: 2,
    meaning: 'The plan has problems: collisions, zero matches, overlaps. All of them are listed.',
  },
  CUTOVER_REJECTED: {
    exit: 1,
    meaning: 'The result was planned and does not pass: scans, acceptance, lost capabilities, gates.',
  },
  CUTOVER_TREE_MISMATCH: { exit: 1, meaning: 'The tree of the plan is not the one that was approved.' },
  CUTOVER_DIFFERENT: { exit: 1, meaning: 'A commit is not the mechanical result of its parent and the manifest.' },
  CUTOVER_OVERLAP: { exit: 1, meaning: 'Later commits changed what a revert would have to change back.' },
  CUTOVER_PENDING: { exit: 4, meaning: 'Something that the cutover demands cannot be seen yet.' },
  GENERATOR_FAILED: { exit: 1, meaning: 'A generator failed, changed more than it declares, or is not reproducible.' },

  // Repositories
  REPOSITORY_DIRTY: { exit: 2, meaning: 'The checkout has changes that a cutover would touch.' },
  REPOSITORY_BUSY: { exit: 2, meaning: 'A merge, rebase or another git command is under way in the repository.' },
  UNTRACKED_IN_WAY: { exit: 2, meaning: 'Untracked files lie where a checkout would put files.' },
  REF_MOVED: { exit: 1, meaning: 'A branch is no longer where it was when the plan was made.' },
  REF_REFUSED: { exit: 3, meaning: 'Git or a hook of the repository refused to move a branch.' },
  BRANCH_CHECKED_OUT: { exit: 2, meaning: 'A branch is checked out, and moving it would leave that checkout behind.' },
  SIGNING_FAILED: { exit: 3, meaning: 'A commit could not be signed.' },

  // The forge
  FORGE_TOKEN_MISSING: { exit: 3, meaning: 'The forge wants a token and none was given.' },
  FORGE_DENIED: { exit: 3, meaning: 'The forge refused the token, or the token may not do this.' },
  FORGE_UNREACHABLE: { exit: 3, meaning: 'No usable answer from the forge.' },
  FORGE_REJECTED: { exit: 3, meaning: 'The forge answered with an error that repeating will not cure.' },
  FORGE_NOT_FOUND: { exit: 3, meaning: 'A repository, branch, label or pull request does not exist on the forge.' },
  PUSH_REJECTED: { exit: 1, meaning: 'The forge refused a push: protected branch, or a hook.' },

  // Evidence
  EVIDENCE_MISSING: { exit: 1, meaning: 'A statement that was demanded does not exist.' },
  EVIDENCE_MISMATCH: { exit: 1, meaning: 'A statement is about other bytes than the ones at hand.' },
  EVIDENCE_INVALID: { exit: 1, meaning: 'A statement is not valid, not canonical, or its signature is wrong.' },
  SUITE_FAILED: { exit: 1, meaning: 'An imported suite has failures.' },
  SUITE_UNDETERMINED: {
    exit: 4,
    meaning: 'Nothing of an imported suite ran, or its file lacks cases that it announces.',
  },
  KEY_INVALID: {
    exit: 2,
    meaning: 'A signing or verifying key cannot be read, or is of a kind that is not supported.',
  },

  // The environment
  TOOL_MISSING: { exit: 3, meaning: 'A program that is needed is not installed.' },
  TOOL_FAILED: { exit: 3, meaning: 'A program that Baton called ended with an error.' },
  GIT_FAILED: { exit: 3, meaning: 'Git could not answer.' },
  DISK_FULL: { exit: 3, meaning: 'No space left on the device.' },
  FILE_FAILED: { exit: 3, meaning: 'The operating system refused a file operation.' },
  TIMEOUT: { exit: 3, meaning: 'Something took longer than its limit.' },
  INTERRUPTED: { exit: 130, meaning: 'Interrupted by a signal or by the caller; a second run goes on.' },
  INTERNAL: { exit: 3, meaning: 'A fault in Baton itself. Please report it with `--verbose`.' },
} as const satisfies Record<string, { exit: number; meaning: string }>;

/** A stable error code, a key of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
