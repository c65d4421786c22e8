// The floors of the house (docs/architecture.md): who may import whom. `npm run check` enforces them, and
// tools/check/floors.test.ts plants breaches to prove that each rule bites.

const GROUND = 'manifest|evidence';
const ADAPTERS = 'engine|github|oci|git|edit|report';
const CAPABILITIES = 'image|node-agent|parity|cutover|changelog|release';
// A test, or what several tests share: test-*.ts or *.fixture.ts beside them, or a folder e2e.
const TESTS = '([.](test|prove|fixture)[.]ts|/test-[^/]+[.]ts|/e2e/[^/]+[.]ts)$';

/** A forbidden edge: `comment` is what a person reads when they cross it. */
const forbid = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });
const inside = (...parts) => `^(${parts.join('|')})`;

export default {
  forbidden: [
    forbid(
      'resolvable',
      'The import names nothing that exists.',
      {},
      // Types alone, without a module: nothing that could be resolved.
      { couldNotResolve: true, pathNot: '^@octokit/openapi-types$' },
    ),
    forbid(
      'no-cycles',
      'Two files that need each other hold one concept: put it into one place.',
      {},
      { circular: true },
    ),

    // Rooms and floors
    forbid(
      'known-room',
      'A room needs a place on a floor: add it to .dependency-cruiser.mjs and docs/architecture.md.',
      { path: `^libs/(?!(kernel|testkit|${GROUND}|${ADAPTERS}|${CAPABILITIES})/)` },
      {},
    ),
    forbid(
      'index-only',
      'A room is entered through its index.ts.',
      { path: '^libs/([^/]+)/' },
      { path: '^libs/[^/]+/src/(?!index[.]ts$)', pathNot: '^libs/$1/' },
    ),
    forbid(
      'index-only-from-outside',
      'A room is entered through its index.ts.',
      { pathNot: '^libs/' },
      { path: '^libs/[^/]+/src/(?!index[.]ts$)' },
    ),
    forbid(
      'kernel-imports-no-room',
      'The kernel is the ground: it imports no other room.',
      { path: '^libs/kernel/', pathNot: TESTS },
      { path: '^libs/', pathNot: '^libs/kernel/' },
    ),
    forbid(
      'ground-on-kernel',
      'Manifest and evidence stand on the kernel alone.',
      { path: `^libs/(${GROUND})/`, pathNot: TESTS },
      { path: '^libs/', pathNot: '^libs/(kernel|$1)/' },
    ),
    forbid(
      'adapters-on-ground',
      'An adapter imports rooms of the ground floor, and no other adapter.',
      { path: `^libs/(${ADAPTERS})/`, pathNot: TESTS },
      { path: '^libs/', pathNot: `^libs/(kernel|${GROUND}|$1)/` },
    ),
    forbid(
      'capabilities-apart',
      'A capability gets another one as a port from the delivery floor, and does not import it.',
      { path: `^libs/(${CAPABILITIES})/`, pathNot: TESTS },
      { path: `^libs/(${CAPABILITIES})/`, pathNot: '^libs/($1|changelog)/' },
    ),
    forbid(
      'changelog-for-release',
      'Only release may import changelog.',
      { path: `^libs/(${CAPABILITIES})/`, pathNot: [TESTS, '^libs/(release|changelog)/'] },
      { path: '^libs/changelog/' },
    ),
    forbid(
      'node-agent-alone',
      'The node agent is a small program of its own, which must start fast: it imports no other room.',
      { path: '^libs/node-agent/', pathNot: TESTS },
      { path: '^libs/', pathNot: '^libs/node-agent/' },
    ),
    forbid(
      'libraries-below-delivery',
      'A library knows nothing of the programs that use it.',
      { path: '^libs/' },
      { path: inside('apps/', 'tools/', 'bench/', 'containers/') },
    ),
    forbid(
      'deliveries-apart',
      'The command line, the plugin and the agent do not know each other.',
      { path: '^(apps/[^/]+|tools/executors)/', pathNot: TESTS },
      { path: inside('apps/', 'tools/', 'bench/'), pathNot: '^$1/' },
    ),
    forbid(
      'testkit-for-tests',
      'Helpers for tests are for tests, the demo and the benchmarks.',
      { pathNot: [TESTS, inside('libs/testkit/', 'tools/(check|demo|prove)/', 'bench/')] },
      { path: '^libs/testkit/' },
    ),
    forbid(
      'testkit-stands-low',
      'The test helpers serve every room: they import the kernel and oci only.',
      { path: '^libs/testkit/', pathNot: TESTS },
      { path: '^libs/', pathNot: '^libs/(kernel|oci|testkit)/' },
    ),
    forbid('tests-are-leaves', 'Only tests import what is for tests.', { pathNot: TESTS }, { path: TESTS }),
    forbid(
      'no-test-imports-a-test',
      'What two tests share has a file of its own: test-<what>.ts.',
      {},
      { path: '[.](test|prove)[.]ts$' },
    ),

    // Packages with one home
    forbid(
      'nx-in-the-plugin',
      'Only the plugin knows Nx.',
      { pathNot: inside('tools/executors/', 'bench/') },
      { path: 'node_modules/(@nx/|nx/)' },
    ),
    forbid(
      'dockerode-in-engine',
      'Only engine talks to a container engine.',
      { pathNot: '^libs/engine/' },
      {
        path: 'node_modules/(@types/)?dockerode/',
      },
    ),
    forbid(
      'octokit-in-github',
      'Only github talks to GitHub; the fake one of the tests has the types of its answers.',
      { pathNot: '^libs/github/|^libs/testkit/src/github-' },
      {
        path: 'node_modules/@octokit/',
      },
    ),
    forbid(
      'native-code-in-node-agent',
      'Only the launcher of node-agent may load native code, in one file.',
      { pathNot: '^libs/node-agent/src/launcher/posix-koffi[.]ts$' },
      {
        path: 'node_modules/(koffi|ffi-napi)/',
      },
    ),
    forbid(
      'zod-where-options-are',
      'Schemas belong to the manifest, to evidence, to the options of a capability and to delivery.',
      { pathNot: [TESTS, inside(`libs/(${GROUND}|${CAPABILITIES})/`, 'apps/', 'tools/')] },
      { path: 'node_modules/zod/' },
    ),
    forbid(
      'commander-in-the-command',
      'Only the command line parses a command line.',
      { pathNot: '^apps/baton/' },
      {
        path: 'node_modules/commander/',
      },
    ),
    forbid(
      'listr2-in-the-demo',
      'Only the demo draws task lists; libraries send events.',
      { pathNot: '^tools/' },
      {
        path: 'node_modules/listr2/',
      },
    ),
    forbid(
      'test-packages-in-tests',
      'Packages for tests stay out of what users get.',
      { path: inside('libs/', 'apps/', 'tools/executors/'), pathNot: [TESTS, '^libs/testkit/', '[.]config[.]ts$'] },
      { path: 'node_modules/(vitest|@vitest|publint)/' },
    ),
    forbid(
      'fast-check-in-fuzz',
      'Outside of tests only the generator of scenarios draws with fast-check.',
      {
        path: inside('libs/', 'apps/', 'tools/executors/'),
        pathNot: [TESTS, inside('libs/testkit/', 'libs/parity/src/fuzz/')],
      },
      { path: 'node_modules/fast-check/' },
    ),
    forbid(
      'declared-packages',
      'A room declares the packages it uses in its own package.json.',
      { path: inside('libs/', 'apps/', 'tools/executors/'), pathNot: [TESTS, '^libs/testkit/', '[.]config[.]ts$'] },
      { path: 'node_modules/', dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    ),

    // Doors of the operating system
    forbid(
      'processes-start-in-the-kernel',
      'Programs are started by runProcess of the kernel: explicit environment, own group, one numbered effect.',
      // The node agent has no kernel below it, and starts its launcher in the agent's own process group.
      {
        path: '^(libs|apps|tools/executors)/',
        pathNot: [TESTS, '^libs/(kernel|testkit)/', '^libs/node-agent/src/launcher/start-launcher[.]ts$'],
      },
      { path: '^(node:)?child_process$' },
    ),
    forbid(
      'network-in-adapters',
      'Only adapters open connections; locks of the kernel are sockets, and doctor asks whether an engine answers.',
      {
        path: '^(libs|apps|tools/executors)/',
        pathNot: [
          TESTS,
          '^libs/(oci|engine|github|testkit|kernel)/',
          '^apps/baton/src/doctor/',
          // node:net reads its pipes; it connects to nothing.
          '^libs/node-agent/src/launcher/byte-source[.]ts$',
        ],
      },
      { path: '^(node:)?(http|https|http2|net|tls)$' },
    ),

    forbid(
      'no-orphans',
      'Nothing imports this file: remove it, or import it.',
      {
        orphan: true,
        path: '^(libs|apps|tools|bench)/',
        pathNot: [TESTS, '[.]d[.]m?ts$', '(^|/)(main|index)[.]ts$', '-preload[.]ts$', '^tools/executors/', '[.]mjs$'],
      },
      {},
    ),
  ],
  options: {
    // Types count: an import of a type is knowledge of another room as well.
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|goldens|fixtures|[.]nx)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
