import type { PluginName, PluginTable } from "./types";

/** The table of a plugin; loads no other. */
export function tableOf(plugin: PluginName): PluginTable {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require(`./${plugin}`) as { table: PluginTable }).table;
}
