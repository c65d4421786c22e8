import { escapePattern } from '@baton/edit';

/** What tells that a directory or a line is about a language: names that its ecosystem gives to files, tools and managers. */
export interface Language {
  name: string;
  extensions: readonly string[];
  /** Files that make a directory a module. */
  markers: readonly string[];
  /** Further files that only its tools read; globs of base names with `*`. */
  toolFiles: readonly string[];
  /** Words that name the language or its tools in text: whole words, any case. */
  words: readonly string[];
  /** What dependency bots, analysers and editors call it. */
  managers: readonly string[];
  /** Lines of ignore files, and the files by which one sees that a tool is still in use. */
  caches: readonly { pattern: string; usedBy: RegExp }[];
  /** What a directory that holds it may be called. */
  directories: readonly string[];
}

const PY = /[.]pyi?$/;
const JS = /[.][cm]?[jt]sx?$/;

/** The languages that are known; files of others are not recognised as an implementation. */
export const LANGUAGES: readonly Language[] = [
  {
    name: 'Python',
    extensions: ['.py', '.pyi', '.pyx', '.ipynb'],
    markers: ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', 'hatch.toml'],
    toolFiles: [
      'requirements*.txt',
      'requirements*.in',
      'constraints*.txt',
      'poetry.lock',
      'poetry.toml',
      'uv.lock',
      'uv.toml',
      'pdm.lock',
      'Pipfile.lock',
      'tox.ini',
      'noxfile.py',
      'pytest.ini',
      'conftest.py',
      'mypy.ini',
      '.mypy.ini',
      '.flake8',
      '.pylintrc',
      'pylintrc',
      'ruff.toml',
      '.ruff.toml',
      '.coveragerc',
      '.python-version',
      'MANIFEST.in',
      '.isort.cfg',
      'pyrightconfig.json',
      'environment.yml',
    ],
    words: [
      'python',
      'python2',
      'python3',
      'pip',
      'pip3',
      'pipx',
      'hatch',
      'hatchling',
      'poetry',
      'pipenv',
      'uv',
      'uvx',
      'pdm',
      'wheel',
      'wheels',
      'venv',
      'virtualenv',
      'pytest',
      'tox',
      'nox',
      'mypy',
      'black',
      'flake8',
      'pylint',
      'isort',
      'setuptools',
      'pypi',
      'pyproject',
      'debugpy',
      'pep621',
    ],
    managers: [
      'pip',
      'python',
      'uv',
      'poetry',
      'pipenv',
      'pep621',
      'pip_requirements',
      'pip_setup',
      'pip-compile',
      'setup-cfg',
      'pyenv',
      'debugpy',
      'setuptools',
      'hatch',
      'tox',
    ],
    caches: [
      { pattern: '.pytest_cache', usedBy: /(^|\/)(test_[^/]*[.]py|[^/]*_test[.]py|conftest[.]py|pytest[.]ini)$/ },
      { pattern: '.tox', usedBy: /(^|\/)tox[.]ini$/ },
      { pattern: '.nox', usedBy: /(^|\/)noxfile[.]py$/ },
      { pattern: '.hatch', usedBy: /(^|\/)hatch[.]toml$/ },
      ...[
        '__pycache__',
        '*.pyc',
        '*.py[cod]',
        '*.py[co]',
        '*$py.class',
        '*.egg-info',
        '.eggs',
        '.mypy_cache',
        '.ruff_cache',
        '.venv',
        'venv',
        '.coverage',
        'htmlcov',
      ].map((pattern) => ({ pattern, usedBy: PY })),
    ],
    directories: ['python', 'py'],
  },
  {
    name: 'Go',
    extensions: ['.go'],
    markers: ['go.mod'],
    toolFiles: [
      'go.sum',
      'go.work',
      'go.work.sum',
      '.golangci.yml',
      '.golangci.yaml',
      '.golangci.toml',
      '.mockery.yaml',
    ],
    words: ['golang', 'gofmt', 'golangci', 'gomod', 'goreleaser'],
    managers: ['gomod', 'go', 'golang'],
    caches: [],
    directories: ['go', 'golang'],
  },
  {
    name: 'Rust',
    extensions: ['.rs'],
    markers: ['Cargo.toml'],
    toolFiles: [
      'Cargo.lock',
      'rust-toolchain',
      'rust-toolchain.toml',
      'rustfmt.toml',
      '.rustfmt.toml',
      'clippy.toml',
      'deny.toml',
      'build.rs',
    ],
    words: ['rust', 'cargo', 'rustc', 'rustup', 'rustfmt', 'clippy'],
    managers: ['cargo', 'rust'],
    caches: [{ pattern: 'target', usedBy: /(^|\/)Cargo[.]toml$/ }],
    directories: ['rust', 'rs'],
  },
  {
    name: 'TypeScript',
    extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx'],
    markers: ['package.json', 'deno.json'],
    toolFiles: [
      'package-lock.json',
      'yarn.lock',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'bun.lockb',
      'tsconfig*.json',
      '.nvmrc',
      '.node-version',
      '.npmrc',
      '.eslintrc*',
      'eslint.config.*',
      '.prettierrc*',
      'biome.json',
      'jest.config.*',
      'vitest.config.*',
    ],
    words: ['node', 'nodejs', 'npm', 'npx', 'yarn', 'pnpm', 'typescript', 'javascript', 'tsc', 'eslint', 'jest'],
    managers: ['npm', 'javascript', 'typescript', 'javascript-typescript', 'node', 'nodenv', 'nvm'],
    caches: [
      { pattern: 'node_modules', usedBy: /(^|\/)package[.]json$/ },
      { pattern: '*.tsbuildinfo', usedBy: JS },
    ],
    directories: ['node', 'nodejs', 'ts', 'js', 'typescript', 'javascript', 'deno'],
  },
  {
    name: 'Ruby',
    extensions: ['.rb'],
    markers: ['Gemfile'],
    toolFiles: ['Gemfile.lock', '*.gemspec', '.ruby-version', 'Rakefile', '.rubocop.yml'],
    words: ['ruby', 'gem', 'bundler', 'rake', 'rubocop', 'rspec'],
    managers: ['bundler', 'ruby', 'ruby-version'],
    caches: [{ pattern: '.bundle', usedBy: /(^|\/)Gemfile$/ }],
    directories: ['ruby', 'rb'],
  },
  {
    name: 'Java',
    extensions: ['.java', '.kt'],
    markers: ['pom.xml', 'build.gradle', 'build.gradle.kts'],
    toolFiles: ['settings.gradle', 'settings.gradle.kts', 'gradlew', 'gradlew.bat', 'gradle.properties', 'mvnw'],
    words: ['java', 'maven', 'gradle', 'mvn', 'jvm', 'kotlin'],
    managers: ['maven', 'gradle', 'java', 'java-kotlin'],
    caches: [{ pattern: '.gradle', usedBy: /(^|\/)build[.]gradle/ }],
    directories: ['java', 'jvm', 'kotlin'],
  },
];

/** Whether a base name is a file that only the tools of a language read. */
export function isToolFile(language: Language, name: string): boolean {
  return toolPatterns.get(language)?.test(name) ?? false;
}

/** The language of a source file by its name. */
export function languageOf(path: string): Language | undefined {
  return LANGUAGES.find(({ extensions }) => extensions.some((extension) => path.endsWith(extension)));
}

// One pattern per language: it is asked of every file of a repository.
const toolPatterns = new Map(
  LANGUAGES.map((language) => {
    const names = [...language.markers, ...language.toolFiles].map((glob) =>
      glob.split('*').map(escapePattern).join('.*'),
    );
    return [language, new RegExp(`^(?:${names.join('|')})$`)] as const;
  }),
);
