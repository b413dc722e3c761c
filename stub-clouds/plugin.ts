/** The program behind `pulumi-resource-<name>`: `plugin.ts <name> <folder of the world> [engine address]`. */
import { StubCloud } from "./cloud";
import { endWithParent } from "./parent";
import { sdkVersion } from "./sdk";
import { serve } from "./server";
import { tableOf } from "./tables";
import { PLUGINS, type PluginName } from "./types";
import { World } from "./world";

async function main(name: string | undefined, world: string | undefined): Promise<void> {
  const plugin = PLUGINS.find((each) => each === name);
  if (plugin === undefined || world === undefined) throw new Error("usage: plugin.ts <plugin> <folder>");
  endWithParent();
  const cloud = new StubCloud(plugin, tableOf(plugin), new World(world));
  const port = await serve(cloud, sdkVersion(plugin));
  process.stdout.write(`${port}\n`); // the engine waits for it
}

void main(...(process.argv.slice(2) as [PluginName?, string?]));
