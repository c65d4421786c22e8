/** What the generated validator found first, in the words of ajv. */
export interface SchemaProblem {
  /** JSON pointer to the value. */
  readonly instancePath: string;
  /** The keyword that it breaks, such as `required`. */
  readonly keyword: string;
  /** What was wanted, such as `must be string`. */
  readonly message: string;
}

/** Whether a document (`schemaView`) matches schema-v1.json; `errors` has the first problem of the last call that gave false. */
export const validateSchemaV1: {
  (document: unknown): boolean;
  readonly errors?: readonly SchemaProblem[] | null;
};
