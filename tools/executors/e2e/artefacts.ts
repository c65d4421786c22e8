import { temporaryDirectory } from '@baton/testkit';
import { packageCli } from '../../bundle/cli.ts';
import { packagePlugin } from '../../bundle/plugin.ts';

/** Bundles the plugin as it is published; returns the package's directory, which no other test writes to. */
export async function pluginPackage(): Promise<string> {
  return await packagePlugin(temporaryDirectory('plugin'));
}

/** Bundles the command as it is published; returns the package's directory. */
export async function commandPackage(): Promise<string> {
  return await packageCli(temporaryDirectory('command'));
}
