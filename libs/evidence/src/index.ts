export { type Demand, demandStatement, type EvidencePolicy, refusalOf } from './demand.ts';
export {
  type Envelope,
  envelopePayload,
  envelopeSignedBy,
  PAYLOAD_TYPE,
  parseEnvelope,
  sealEnvelope,
} from './envelope.ts';
export {
  envelopePath,
  parseStatement,
  type ReadStatement,
  readStatement,
  type Signature,
  writeStatement,
} from './files.ts';
export { type ImportedSuite, importSuite, type SuiteImport } from './import-suite.ts';
export { statementJsonSchema } from './json-schema.ts';
export {
  findSigner,
  findVerifier,
  type KeySources,
  readSigner,
  readVerifier,
  type Signer,
  type Verifier,
} from './keys.ts';
export { describeUse, reportStatement } from './report.ts';
export {
  type Check,
  type Material,
  type Predicate,
  RESULTS,
  type Result,
  type Statement,
  type Subject,
  type Tool,
} from './schema.ts';
export {
  capabilityOf,
  digestSet,
  integritySet,
  type StatementFacts,
  statement,
  statementBytes,
  statementDigest,
  subjectDigests,
} from './statement.ts';
export { type Verification, verifyStatement } from './verify.ts';
