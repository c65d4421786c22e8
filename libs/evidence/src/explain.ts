import type * as z from 'zod';

/** zod's issues in one line each: where in the JSON, what was expected. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], value: unknown): string[] {
  return issues.map((issue) => {
    const where = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
    return `expected ${expectation(issue, value)} at $${where}`;
  });
}

function expectation(issue: z.core.$ZodIssue, root: unknown): string {
  const found = issue.path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    root,
  );
  if (issue.code === 'unrecognized_keys') return `no key ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`;
  const what =
    issue.code === 'invalid_value'
      ? issue.values.map(String).join(' or ')
      : issue.code === 'too_small'
        ? 'at least one item'
        : issue.code === 'invalid_type' && ['array', 'object', 'number', 'boolean'].includes(issue.expected)
          ? `${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`
          : issue.message;
  return `${what}, found ${found === undefined ? 'nothing' : shortJson(found)}`;
}

function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
