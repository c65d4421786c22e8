/** A source of choices that depends on its seed alone. */
export interface Choices {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  chance(share: number): boolean;
}

/** Choices by a small generator (mulberry32): the same on every machine. */
export function choices(seed: number): Choices {
  let state = (seed * 2654435761) >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  for (let i = 0; i < 8; i++) next();
  return {
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (list) => list[Math.floor(next() * list.length)] ?? list[0],
    chance: (share) => next() < share,
  };
}

/** What the new implementation is written in, and how its files are called. */
export interface NewTools {
  language: 'Go' | 'Rust' | 'TypeScript';
  /** What a directory for it may be called. */
  dirs: readonly [string, ...string[]];
  marker: string;
  extension: string;
  lock: string;
  build: string;
  test: string;
  format: string;
  ecosystem: string;
  renovate: string;
  codeql: string;
  builder: string;
  setup: string;
}

/** What the old implementation was built with. */
export interface OldTools {
  tool: 'hatch' | 'poetry' | 'uv' | 'pip';
  /** Build files of the component's directory. */
  files: readonly string[];
  install: string;
  build: string;
  run: string;
  renovate: string;
  ecosystem: string;
}

const NEW_TOOLS: readonly [NewTools, ...NewTools[]] = [
  {
    language: 'Go',
    dirs: ['go', 'golang', 'next'],
    marker: 'go.mod',
    extension: '.go',
    lock: 'go.sum',
    build: 'go build -o bin/ ./...',
    test: 'go test ./...',
    format: 'gofmt -w .',
    ecosystem: 'gomod',
    renovate: 'gomod',
    codeql: 'go',
    builder: 'docker.io/library/golang:1.26',
    setup: 'actions/setup-go@v6',
  },
  {
    language: 'Rust',
    dirs: ['rust', 'rs', 'v2'],
    marker: 'Cargo.toml',
    extension: '.rs',
    lock: 'Cargo.lock',
    build: 'cargo build --release',
    test: 'cargo test',
    format: 'cargo fmt',
    ecosystem: 'cargo',
    renovate: 'cargo',
    codeql: 'rust',
    builder: 'docker.io/library/rust:1.90',
    setup: 'dtolnay/rust-toolchain@v1',
  },
  {
    language: 'TypeScript',
    dirs: ['node', 'ts', 'rewrite'],
    marker: 'package.json',
    extension: '.ts',
    lock: 'package-lock.json',
    build: 'npm run build',
    test: 'npm test',
    format: 'npx biome format --write .',
    ecosystem: 'npm',
    renovate: 'npm',
    codeql: 'javascript-typescript',
    builder: 'docker.io/library/node:24',
    setup: 'actions/setup-node@v6',
  },
];

const OLD_TOOLS: readonly [OldTools, ...OldTools[]] = [
  {
    tool: 'hatch',
    files: ['pyproject.toml', 'hatch.toml'],
    install: 'pip install hatch',
    build: 'hatch build --target wheel',
    run: 'hatch run',
    renovate: 'pep621',
    ecosystem: 'pip',
  },
  {
    tool: 'poetry',
    files: ['pyproject.toml', 'poetry.lock', '.flake8'],
    install: 'pipx install poetry',
    build: 'poetry build',
    run: 'poetry run',
    renovate: 'poetry',
    ecosystem: 'pip',
  },
  {
    tool: 'uv',
    files: ['pyproject.toml', 'uv.lock', '.python-version'],
    install: 'pip install uv',
    build: 'uv build',
    run: 'uv run',
    renovate: 'pep621',
    ecosystem: 'uv',
  },
  {
    tool: 'pip',
    files: ['setup.py', 'setup.cfg', 'requirements.txt', 'requirements-dev.txt', 'tox.ini'],
    install: 'pip install -r requirements-dev.txt',
    build: 'python -m build --wheel',
    run: 'tox -e',
    renovate: 'pip_requirements',
    ecosystem: 'pip',
  },
];

/** All names of one layout. */
export interface LayoutNames {
  /** What the program and its image are called. */
  product: string;
  project: string;
  /** The component's directory, and its last part. */
  component: string;
  short: string;
  nested: string;
  /** The last part of `nested`. */
  suffix: string;
  /** `agent-go`: what the new one is called beside the old one. */
  beside: string;
  /** The package directory of the old one, below the component. */
  oldSource: string;
  newTools: NewTools;
  oldTools: OldTools;
  /** How paired files are called: the old and the new one. */
  dockerfiles: { old: string; new: string; dir: string };
  workflows: { old: string; new: string };
  registry: string;
  owner: string;
}

/** Names and tools by the seed. */
export function layoutNames(seed: number): LayoutNames {
  const random = choices(seed);
  const short = random.pick(['agent', 'probe', 'keeper', 'sensor', 'courier', 'warden', 'node-agent', 'hostd']);
  const component = random.pick(['', '', 'components/', 'services/']) + short;
  const newTools = random.pick(NEW_TOOLS);
  const oldTools = random.pick(OLD_TOOLS);
  const suffix = random.pick(newTools.dirs);
  const project = random.pick(['harbor-light', 'cedar', 'mosaic', 'quarry', 'tern']);
  const product = `${project}-${short}`;
  const dir = random.pick(['containers', 'docker', 'build/images']);
  const beside = `${short}-${suffix}`;
  const dockerName = random.pick([
    (name: string) => `${dir}/${name}.Dockerfile`,
    (name: string) => `${dir}/Dockerfile.${name}`,
    (name: string) => `${dir}/${name}/Dockerfile`,
  ]);
  const flowName = random.pick([
    (name: string) => `${name}-ci.yaml`,
    (name: string) => `build-${name}.yml`,
    (name: string) => `${name}.yml`,
  ]);
  return {
    product,
    project,
    component,
    short,
    nested: `${component}/${suffix}`,
    suffix,
    beside,
    oldSource: `${component}/${random.pick([product.replaceAll('-', '_'), product, 'src', short.replaceAll('-', '_')])}`,
    newTools,
    oldTools,
    dockerfiles: { old: dockerName(short), new: dockerName(beside), dir },
    workflows: { old: `.github/workflows/${flowName(short)}`, new: `.github/workflows/${flowName(beside)}` },
    registry: random.pick(['registry.example.com', 'images.example.org']),
    owner: random.pick(['acme', 'northwind', 'initrode']),
  };
}
