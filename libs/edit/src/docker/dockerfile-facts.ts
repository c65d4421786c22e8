import { BatonError } from '@baton/kernel';
import { argumentsOf, jsonForm, keyValues, wordsOf } from './docker-words.ts';
import { type DockerInstruction, scanDockerfile } from './scan-dockerfile.ts';
import { stageName } from './stage-name.ts';

/** What a Dockerfile says. Lines are 1-based; variables are not expanded; instructions behind ONBUILD are not looked into. */
export interface DockerfileFacts {
  stages: readonly DockerStage[];
  /** ARG in front of the first FROM. */
  args: readonly { name: string; value?: string; line: number }[];
}

export interface DockerStage {
  index: number;
  /** As written behind AS. */
  name?: string;
  /** The image or the stage that it begins with. */
  from: string;
  platform?: string;
  line: number;
  /** COPY and ADD. */
  copies: readonly DockerCopy[];
  args: readonly { name: string; value?: string; line: number }[];
  /** The last one that counts; the JSON form as a list, the shell form as a text. */
  entrypoint?: readonly string[] | string;
  cmd?: readonly string[] | string;
  user?: string;
  workdir?: string;
  stopSignal?: string;
  healthcheck?: string;
  labels: Readonly<Record<string, string>>;
  env: Readonly<Record<string, string>>;
  volumes: readonly string[];
  expose: readonly string[];
}

export interface DockerCopy {
  instruction: 'COPY' | 'ADD';
  line: number;
  /** The value of `--from`: a stage or an image; undefined when it is from the build context. */
  from?: string;
  /** As written; heredocs and URLs are left out. */
  sources: readonly string[];
  destination: string;
}

/** Reads what a Dockerfile says. @throws BatonError `EDIT_REFUSED` (not text), `EDIT_INVALID` (no FROM) */
export function dockerfileFacts(bytes: Uint8Array): DockerfileFacts {
  const { instructions, escapeCharacter } = scanDockerfile(bytes);
  const args: { name: string; value?: string; line: number }[] = [];
  const stages: Draft[] = [];
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') stages.push(stageOf(instruction, stages.length));
    else if (instruction.stage < 0) args.push(...argsOf(instruction, escapeCharacter));
    else read(instruction, stages[instruction.stage], escapeCharacter);
  }
  if (stages.length === 0) {
    throw new BatonError('EDIT_INVALID', 'expected a Dockerfile, found no FROM in it', {
      hint: 'A Dockerfile begins with FROM, or with ARG in front of it.',
    });
  }
  return { stages, args };
}

type Draft = { -readonly [Key in keyof DockerStage]: DockerStage[Key] };

function stageOf({ logical, first }: DockerInstruction, index: number): Draft {
  const { flags, rest } = argumentsOf(logical);
  const name = stageName(logical);
  const platform = flags.get('platform');
  return {
    index,
    ...(name === undefined ? {} : { name }),
    from: rest.split(/\s+/)[0] ?? '',
    ...(platform === undefined ? {} : { platform }),
    line: first + 1,
    copies: [],
    args: [],
    labels: {},
    env: {},
    volumes: [],
    expose: [],
  };
}

function read(instruction: DockerInstruction, stage: Draft | undefined, escapeCharacter: string): void {
  if (stage === undefined) return;
  const { keyword, logical } = instruction;
  const { flags, rest } = argumentsOf(logical);
  switch (keyword) {
    case 'COPY':
    case 'ADD':
      stage.copies = [...stage.copies, copyOf(keyword, instruction, escapeCharacter)];
      break;
    case 'ARG':
      stage.args = [...stage.args, ...argsOf(instruction, escapeCharacter)];
      break;
    case 'ENTRYPOINT':
      stage.entrypoint = jsonForm(rest) ?? rest;
      break;
    case 'CMD':
      stage.cmd = jsonForm(rest) ?? rest;
      break;
    case 'USER':
      stage.user = rest;
      break;
    case 'WORKDIR':
      stage.workdir = rest;
      break;
    case 'STOPSIGNAL':
      stage.stopSignal = rest;
      break;
    case 'HEALTHCHECK':
      stage.healthcheck = [...flags].map(([name, value]) => `--${name}=${value} `).join('') + rest;
      break;
    case 'LABEL':
      stage.labels = { ...stage.labels, ...Object.fromEntries(keyValues(rest, escapeCharacter)) };
      break;
    case 'ENV':
      stage.env = { ...stage.env, ...Object.fromEntries(keyValues(rest, escapeCharacter)) };
      break;
    case 'VOLUME':
      stage.volumes = [...stage.volumes, ...(jsonForm(rest) ?? wordsOf(rest, escapeCharacter))];
      break;
    case 'EXPOSE':
      stage.expose = [...stage.expose, ...wordsOf(rest, escapeCharacter)];
      break;
  }
}

function copyOf(keyword: 'COPY' | 'ADD', { logical, first }: DockerInstruction, escapeCharacter: string): DockerCopy {
  const { flags, rest } = argumentsOf(logical);
  const words = jsonForm(rest) ?? wordsOf(rest, escapeCharacter);
  const from = flags.get('from');
  const isRemote = (source: string): boolean => /^(?:\d*<<|[a-z+]+:\/\/|git@)/i.test(source);
  return {
    instruction: keyword,
    line: first + 1,
    ...(from === undefined ? {} : { from }),
    sources: words.slice(0, -1).filter((source) => !isRemote(source)),
    destination: words.at(-1) ?? '',
  };
}

function argsOf(
  { logical, first }: DockerInstruction,
  escapeCharacter: string,
): { name: string; value?: string; line: number }[] {
  return wordsOf(logical, escapeCharacter).map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0) return { name: word, line: first + 1 };
    return { name: word.slice(0, equals), value: word.slice(equals + 1), line: first + 1 };
  });
}
