/** The id of a scenario's part of the page. Ids of scenarios have a `/`, and the page's own ids have none. */
export function scenarioAnchor(scenario: string): string {
  return scenario.replace(/[^A-Za-z0-9._/-]/g, (character) => `~${character.codePointAt(0)?.toString(16)}`);
}

/** The id of a scenario's n-th finding, from 1. */
export function findingAnchor(scenario: string, index: number): string {
  return `${scenarioAnchor(scenario)}~${index}`;
}
