import { formatBytes, plural, shortDigest } from '@baton/kernel';
import { type TreeNode, table, tree } from '@baton/report';
import type { BuildPlan, BuildResult, Inspection } from '../types.ts';
import type { EngineBuilt, EnginePlan } from './types.ts';

/** An image that an engine built, for a terminal. */
export function reportEngineBuild(result: BuildResult, engine: EngineBuilt): string {
  const images = engine.images.map(
    ({ platform, image, name, diffIds, size, cached }): TreeNode => ({
      label: `${platform} ${shortDigest(image)} ${plural(diffIds.length, 'layer')}, ${formatBytes(size)} (${cached ? 'unchanged' : 'built'})`,
      children: [{ label: name }],
    }),
  );
  const { errors, warnings, allowed } = engine.lint;
  const counts = [plural(errors, 'error'), plural(warnings, 'warning'), `${allowed} allowed`];
  return [
    tree({ label: `${result.unchanged ? 'unchanged' : 'built'} in the engine at ${engine.address}`, children: images }),
    table([
      ['context', `${plural(engine.context.files, 'file')}, ${formatBytes(engine.context.size)}`],
      ['lint', counts.join(', ')],
      ['statement', result.statement],
    ]),
  ].join('\n');
}

/** What a build by an engine would do, for a terminal. */
export function reportEnginePlan(plan: BuildPlan, engine: EnginePlan): string {
  const { report, context } = engine;
  const answers = report.available
    ? `${report.version ?? 'unknown version'} at ${report.address} (${report.platform ?? 'unknown platform'}, ${report.store ?? 'unknown'} store)`
    : `none at ${report.address}: ${report.reason ?? 'no answer'}`;
  const facts = [
    ['engine', answers],
    ...(engine.protocol === undefined ? [] : [['protocol', engine.protocol]]),
    ['dockerfile', `${engine.dockerfile}${engine.target === undefined ? '' : `, stage ${engine.target}`}`],
    ['context', `${context.path}: ${plural(context.files, 'file')}, ${formatBytes(context.size)}`],
    ['base', plan.base],
    ['revision', plan.revision ?? 'not in git'],
    ['version', plan.version ?? 'none'],
    ...(plan.bundle === undefined ? [] : [['bundle', plan.bundle.join(' ')]]),
    ['publish', plan.repository === undefined ? 'no repository' : `${plan.repository} as ${plan.tags.join(', ')}`],
  ];
  const platforms = engine.platforms.map(
    ({ platform, action, image, reason, name }): TreeNode => ({
      label: `${platform}${image === undefined ? '' : ` ${shortDigest(image)}`} (${action}: ${reason})`,
      children: [{ label: name }],
    }),
  );
  const lint = engine.lint.map(
    ({ severity, code, line, column, message }) =>
      `${severity}: ${engine.dockerfile}:${line}:${column} ${code}: ${message}`,
  );
  const notes = plan.notes.map((note) => `note: ${note}`);
  return [table(facts), tree({ label: `image ${plan.name}`, children: platforms }), ...lint, ...notes].join('\n');
}

/** What an engine holds for a project, for a terminal. */
export function reportEngineInspection(inspection: Inspection): string {
  const platforms = inspection.platforms.map(
    ({ platform, config, layers, engine }): TreeNode => ({
      label: `${platform} ${config.digest}${engine?.present === false ? ' (the engine no longer has it)' : ''}`,
      children: [
        ...(engine?.names ?? []).map((name) => ({ label: `name ${name}` })),
        ...(engine === undefined ? [] : [{ label: `size ${formatBytes(engine.size)}` }]),
        ...layers.map(({ diffId }) => ({ label: `layer ${shortDigest(diffId)}` })),
      ],
    }),
  );
  const ids = inspection.platforms.map(({ config }) => config.digest);
  const statements = inspection.statements.map(({ capability, result, digest, signature, about }): TreeNode => {
    const isOther = capability === 'image' && !ids.every((id) => about.includes(id));
    return {
      label: `statement ${capability}: ${result} ${shortDigest(digest)} (${signature})${isOther ? ' about another image' : ''}`,
    };
  });
  return tree({ label: inspection.image, children: [...platforms, ...statements] });
}
