import { readFields } from './protobuf.ts';

/** One step of a BuildKit build, as far as it is known by now; told again whenever it changes. */
export interface Vertex {
  digest: string;
  name: string;
  started: boolean;
  completed: boolean;
  cached: boolean;
  error: string;
}

/** How far a part of a step is: a layer that is downloaded or unpacked. */
export interface VertexStatus {
  id: string;
  vertex: string;
  name: string;
  current: number;
  total: number;
  completed: boolean;
}

/** Something that a step printed. */
export interface VertexLog {
  vertex: string;
  /** 1: standard output, 2: standard error. */
  stream: number;
  bytes: Buffer;
}

/** `StatusResponse` of BuildKit's control API (api/services/control/control.proto), without the clocks. */
export interface BuildkitStatus {
  vertexes: Vertex[];
  statuses: VertexStatus[];
  logs: VertexLog[];
  warnings: string[];
}

/** Decodes the `aux` of a `moby.buildkit.trace` message: base64 of a `StatusResponse`. Throws a RangeError. */
export function decodeStatus(aux: string): BuildkitStatus {
  const status: BuildkitStatus = { vertexes: [], statuses: [], logs: [], warnings: [] };
  for (const { number, bytes } of parts(Buffer.from(aux, 'base64'))) {
    if (number === 1) status.vertexes.push(vertexOf(bytes));
    else if (number === 2) status.statuses.push(statusOf(bytes));
    else if (number === 3) status.logs.push(logOf(bytes));
    else if (number === 4) status.warnings.push(warningOf(bytes));
  }
  return status;
}

function vertexOf(message: Buffer): Vertex {
  const vertex: Vertex = { digest: '', name: '', started: false, completed: false, cached: false, error: '' };
  for (const field of readFields(message)) {
    if (field.value !== undefined) {
      if (field.number === 4) vertex.cached = field.value !== 0;
    } else if (field.number === 1) vertex.digest = text(field.bytes);
    else if (field.number === 3) vertex.name = text(field.bytes);
    else if (field.number === 5) vertex.started = true;
    else if (field.number === 6) vertex.completed = true;
    else if (field.number === 7) vertex.error = text(field.bytes);
  }
  return vertex;
}

function statusOf(message: Buffer): VertexStatus {
  const status: VertexStatus = { id: '', vertex: '', name: '', current: 0, total: 0, completed: false };
  for (const field of readFields(message)) {
    if (field.value !== undefined) {
      if (field.number === 4) status.current = field.value;
      else if (field.number === 5) status.total = field.value;
    } else if (field.number === 1) status.id = text(field.bytes);
    else if (field.number === 2) status.vertex = text(field.bytes);
    else if (field.number === 3) status.name = text(field.bytes);
    else if (field.number === 8) status.completed = true;
  }
  return status;
}

function logOf(message: Buffer): VertexLog {
  const log: VertexLog = { vertex: '', stream: 1, bytes: Buffer.alloc(0) };
  for (const field of readFields(message)) {
    if (field.value !== undefined) {
      if (field.number === 3) log.stream = field.value;
    } else if (field.number === 1) log.vertex = text(field.bytes);
    else if (field.number === 4) log.bytes = field.bytes;
  }
  return log;
}

function warningOf(message: Buffer): string {
  for (const { number, bytes } of parts(message)) if (number === 3) return text(bytes);
  return '';
}

function* parts(message: Buffer): Generator<{ number: number; bytes: Buffer }> {
  for (const field of readFields(message)) if (field.value === undefined) yield field;
}

function text(bytes: Buffer): string {
  return bytes.toString('utf8');
}
