import { testEditGroup } from './test-edit-group.ts';

const MAKEFILE = `.PHONY: pump-build pump-next-build
VERSION ?= 1 # of all

pump-build: ## Build it.
\t$(MAKE) -C pump build

pump-next-build:
\t$(MAKE) -C pump/next build
`;
const DOCKERFILE = `FROM golang AS build
COPY pump/next/ ./
RUN go build \\
    ./cmd
FROM scratch
COPY --from=build /x /x
USER 0:0
`;

testEditGroup({
  cases: [
    {
      kind: 'make.target',
      file: 'Makefile',
      before: MAKEFILE,
      edit: { name: 'pump-next-build', remove: true },
      after: MAKEFILE.replace(' pump-next-build\n', '\n').replace(
        '\npump-next-build:\n\t$(MAKE) -C pump/next build\n',
        '',
      ),
      none: { name: 'pump-test', recipe: 'true' },
    },
    {
      kind: 'make.var',
      file: 'deps.mk',
      before: MAKEFILE,
      edit: { name: 'VERSION', set: '2' },
      after: MAKEFILE.replace('?= 1', '?= 2'),
      none: { name: 'VERSOIN', set: '2' },
      idle: { name: 'VERSION', set: '1' },
    },
    {
      kind: 'docker.instr',
      file: 'containers/pump.Dockerfile',
      before: DOCKERFILE,
      edit: { stage: 'build', instruction: 'COPY', set: 'pump/ ./' },
      after: DOCKERFILE.replace('COPY pump/next/', 'COPY pump/'),
      none: { instruction: 'COPY', match: '--from=test', remove: true },
      many: { edit: { instruction: 'COPY', remove: true }, code: 'EDIT_COUNT' },
      idle: { instruction: 'USER', set: '0:0' },
    },
  ],
});
