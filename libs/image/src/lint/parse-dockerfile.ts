import {
  type Instruction as AstInstruction,
  Copy,
  DockerfileParser,
  Onbuild,
  PropertyInstruction,
  Run,
} from 'dockerfile-ast';
import type { Comment, Dockerfile, Stage, StageBase } from './dockerfile.ts';
import { expand, type Scope } from './expand.ts';
import type { LintFacts } from './finding.ts';
import { type Instruction, jsonStrings, type Property, splitFlags, wordsOf } from './instruction.ts';
import { logicalText } from './logical-text.ts';
import { invalid, type Source, type Span } from './source.ts';

/** Arguments that every build has in front of the first FROM, without anybody declaring them (Dockerfile reference). */
export const PLATFORM_ARGS = ['TARGET', 'BUILD'].flatMap((side) =>
  ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((part) => `${side}${part}`),
);

/** Instructions that a Dockerfile may have: images have at most some hundred layers, and rules compare instructions with each other. */
const INSTRUCTION_LIMIT = 2000;

/** Reads a Dockerfile. Errors: `DOCKERFILE_INVALID` (no FROM, or a stage to build that it does not have). */
export function parseDockerfile(source: Source, facts: LintFacts): Dockerfile {
  const ast = parse(source);
  const escapeChar = ast.getEscapeCharacter();
  const range = (r: AstRange): Span => ({
    start: source.offset(r.start.line, r.start.character),
    end: source.offset(r.end.line, r.end.character),
  });
  const globals = new Map<string, string | undefined>(PLATFORM_ARGS.map((name) => [name, undefined]));
  const initial: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  let scope = new Map<string, string | undefined>();
  const scopes = new Map<Stage, Scope>();
  for (const node of ast.getInstructions()) {
    const stage = stages.at(-1);
    const visible = new Map(node.getKeyword() === 'FROM' || stage === undefined ? globals : scope);
    const found = instructionOf(node, false, visible);
    if (found.keyword === 'FROM') {
      const next = stageOf(found, stages, escapeChar);
      stages.push(next);
      scope = next.base.kind === 'stage' ? new Map(scopes.get(next.base.stage)) : new Map();
      scopes.set(next, scope);
      continue;
    }
    if (stage === undefined) {
      initial.push(found);
      if (found.keyword === 'ARG') declare(found, globals, facts, escapeChar);
      continue;
    }
    stage.instructions.push(found);
    if (found.keyword === 'ARG') declare(found, scope, facts, escapeChar, globals);
    if (found.keyword === 'ENV') {
      for (const { name, value } of found.properties) scope.set(name, expand(value ?? '', visible, escapeChar));
    }
    const trigger = node instanceof Onbuild ? node.getTriggerInstruction() : null;
    if (trigger !== null) stage.instructions.push(instructionOf(trigger, true, visible));
  }
  const final = finalStage(stages, facts.target, source.file);
  return { source, escapeChar, comments: comments(), initial, stages, final, chain: chainOf(final), globals };

  function instructionOf(node: AstInstruction, isTrigger: boolean, visible: Scope): Instruction {
    const keyword = node.getKeyword();
    const span = range(node.getRange());
    const keywordSpan = range(node.getInstructionRange());
    const [heredoc] = heredocsOf(node).map(range);
    const args = logicalText(source, { start: keywordSpan.end, end: span.end }, escapeChar, heredoc);
    const { flags, rest } = splitFlags(args);
    return {
      keyword,
      span,
      keywordSpan,
      flags,
      rest,
      json: jsonStrings(rest.text.trim()),
      words: wordsOf(rest),
      properties: node instanceof PropertyInstruction ? propertiesOf(node) : [],
      isTrigger,
      scope: visible,
    };
  }

  function propertiesOf(node: PropertyInstruction): Property[] {
    return node.getProperties().map((property) => {
      const valueRange = property.getValueRange();
      return {
        name: property.getName(),
        value: property.getValue() ?? undefined,
        nameSpan: range(property.getNameRange()),
        valueSpan: valueRange === null ? undefined : range(valueRange),
      };
    });
  }

  function comments(): Comment[] {
    const inside = new Set<number>();
    for (const node of ast.getInstructions()) {
      const { start, end } = node.getRange();
      for (let line = start.line; line <= end.line; line += 1) inside.add(line);
    }
    return ast.getComments().flatMap((comment): Comment[] => {
      const { start } = comment.getRange();
      if (inside.has(start.line)) return [];
      return [{ line: start.line, span: range(comment.getRange()), text: comment.getContent()?.trim() ?? '' }];
    });
  }
}

type AstRange = ReturnType<AstInstruction['getRange']>;

function parse(source: Source): ReturnType<typeof DockerfileParser.parse> {
  let what: string;
  try {
    const ast = DockerfileParser.parse(source.text);
    const count = ast.getInstructions().length;
    if (count > 0 && count <= INSTRUCTION_LIMIT) return ast;
    what = count === 0 ? 'holds no instruction' : `has ${count} instructions, expected at most ${INSTRUCTION_LIMIT}`;
  } catch (error) {
    throw invalid(source.file, 'cannot be read as a Dockerfile', error);
  }
  throw invalid(source.file, what);
}

function heredocsOf(node: AstInstruction): AstRange[] {
  const heredocs = node instanceof Run || node instanceof Copy ? node.getHeredocs() : [];
  return heredocs.map((each) => each.getContentRange()).filter((each) => each !== null);
}

/** ARG: what the caller passes, else what a global argument of that name has, else the default. */
function declare(
  { properties, scope }: Instruction,
  into: Map<string, string | undefined>,
  facts: LintFacts,
  escapeChar: string,
  globals?: Scope,
): void {
  for (const { name, value } of properties) {
    const said = facts.args?.[name] ?? (value === undefined ? globals?.get(name) : expand(value, scope, escapeChar));
    into.set(name, said);
  }
}

function stageOf(
  from: Instruction,
  earlier: readonly Stage[],
  escapeChar: string,
): Stage & { instructions: Instruction[] } {
  const [image, as, name] = from.words;
  const isNamed = as?.text.toUpperCase() === 'AS' && name !== undefined;
  return {
    index: earlier.length,
    name: isNamed ? name.text.toLowerCase() : undefined,
    from,
    baseSpan: image?.span ?? from.keywordSpan,
    nameSpan: isNamed ? name.span : undefined,
    base: baseOf(image?.text ?? '', from.scope, earlier, escapeChar),
    instructions: [],
  };
}

function baseOf(text: string, scope: Scope, earlier: readonly Stage[], escapeChar: string): StageBase {
  const reference = expand(text, scope, escapeChar);
  if (reference?.toLowerCase() === 'scratch') return { kind: 'scratch' };
  const stage = earlier.findLast((each) => each.name !== undefined && each.name === reference?.toLowerCase());
  return stage === undefined ? { kind: 'image', text, reference } : { kind: 'stage', stage };
}

function finalStage(stages: readonly Stage[], target: string | undefined, file: string): Stage {
  const last = stages.at(-1);
  if (last === undefined) throw invalid(file, 'has no FROM, so there is nothing to build');
  if (target === undefined) return last;
  const found = stages.find(({ name, index }) => name === target.toLowerCase() || String(index) === target);
  if (found !== undefined) return found;
  const names = stages.flatMap(({ name }) => name ?? []);
  const has = names.length === 0 ? 'its stages have no names' : `its stages are ${names.join(', ')}`;
  throw invalid(file, `has no stage "${target}" to build: ${has}`);
}

function chainOf(final: Stage): Stage[] {
  const chain = [final];
  for (let { base } = final; base.kind === 'stage'; { base } = base.stage) chain.unshift(base.stage);
  return chain;
}
