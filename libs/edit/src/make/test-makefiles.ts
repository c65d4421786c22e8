import fc from 'fast-check';

const RECIPES = [
  `\t@echo $(NAME) $${'{'}NAME} $$NAME`,
  '\tcc -o $@ $< \\',
  '\t$(MAKE) agent-go-build',
  '\t-rm -f x # no',
  '\t@cd sub && make all',
];
const HEADERS = [
  'agent-go-build: deps',
  'all: agent-go-build test ## everything',
  'build test: agent-go-build | order',
  'a.o b.o: %.o: %.c agent-go-build',
  'out/%.o: %.c',
  'double::agent-go-build',
  'agent-go-build-more: ; @echo agent-go-build',
  'test: FLAGS += -race',
];
const ODDITIES = [
  '# agent-go-build is in a comment',
  '',
  '  ',
  'NAME := agent # agent-go-build',
  'NAME_2 ?= $(NAME)/x$(NAME:%=a)',
  'export NAME',
  'ifdef NAME',
  'endif',
  'ifeq ($(NAME),agent)',
  'else',
  'FLAGS = a \\',
  'include other.mk',
  '.PHONY: all \\',
  '  agent-go-build test',
  '.PHONY:agent-go-build',
  'define block',
  'agent-go-build: x',
  '\techo $(1)',
  'endef',
  'X = $(call block,$(NAME)) ü\u{1F600}',
  '##@ Section',
  '## agent-go-build: builds',
  '$(foreach x,a b,$(eval $(x): y))',
];

/** Lines of a Makefile of odd forms around what the tests edit; not every one of them is a Makefile that make would run. */
export const anyMakefileLines: fc.Arbitrary<string[]> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...ODDITIES).map((line) => [line]),
      fc
        .tuple(fc.constantFrom(...HEADERS), fc.array(fc.constantFrom(...RECIPES), { maxLength: 3 }))
        .map(([header, recipe]) => [header, ...recipe]),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((blocks) => blocks.flat());

/** A Makefile that GNU make reads without complaint, and that says the same in its own words. */
export const WHOLE = `# Head of the file
NAME := agent # the name
DIR ?= agent/go
FLAGS = -a \\
  -b
.PHONY: all build \\
  agent-go-build test
.PHONY: agent-go-lint

all: build agent-go-build ## everything

## agent-go-build: builds the new one
agent-go-build: ; @echo $(MAKE) -C $(DIR) build

build test: deps | order
\t@echo $(NAME) \${NAME} $$NAME $(NAME:%=x) \\
\t  more
\t@echo $(MAKE) agent-go-build
ifdef NAME
\t@echo more
endif

# lints
agent-go-lint:
\t@$(MAKE) -s agent-go-build

define macro
x: y
\techo $(1)
endef

deps order:
\t@true
a.o b.o: %.o: deps
\t@echo $@
out:: V = 1
out:: deps
\t@echo one $(V)
out:: agent-go-lint
\t@echo two
`;
