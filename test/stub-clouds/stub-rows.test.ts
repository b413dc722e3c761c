/** Proves that the installed SDKs have the types and properties in the rows of the three clouds. */
import assert from "node:assert/strict";

import { sdkType, type SdkType, type Shape } from "../../stub-clouds/sdk";
import { tableOf } from "../../stub-clouds/tables";
import { type PluginName, PLUGINS, type Row } from "../../stub-clouds/types";

describe("rows of the clouds", () => {
  for (const plugin of PLUGINS) {
    it(`${plugin}: types and properties that the SDK has`, function () {
      this.timeout(60_000); // the first time, declarations of some megabytes are read
      const { resources, refs = {} } = tableOf(plugin);
      const wrong = Object.entries(resources).flatMap(([token, row]) => unknownNames(plugin, token, row));
      assert.deepEqual(wrong, []);
      assert.deepEqual(
        Object.values(refs).flatMap((ref) => unknownTokens(plugin, [ref])),
        [],
      );
    });
  }
});

/** Types and paths of a row that its SDK does not know. */
function unknownNames(plugin: PluginName, token: string, row: Row): string[] {
  const sdk = sdkType(plugin, token);
  if (sdk === undefined) return [token];
  const paths = [
    row.requires ?? [],
    Object.keys(row.rules ?? {}),
    Object.keys(row.refs ?? {}),
    (row.replaceOn ?? []).map((each) => (typeof each === "string" ? each : each.path)),
  ].flat();
  const single = [row.protect, row.autoname?.property, ...Object.keys(row.defaults ?? {})].filter(
    (path) => path !== undefined,
  );
  const lists = [Object.values(row.refs ?? {}), row.deleteBlockedBy ?? [], row.deletesToo ?? []].flat();
  const root: Shape = { object: "" };
  const objects: SdkType["objects"] = { ...sdk.objects, "": sdk.inputs };
  const found = (path: string): boolean =>
    path
      .replaceAll("[]", ".[]")
      .split(".")
      .reduce<Shape | undefined>((shape, key) => {
        if (shape === undefined || shape === "any") return shape;
        if (typeof shape === "string") return undefined;
        if (key === "[]") return "list" in shape ? shape.list : undefined;
        if ("map" in shape) return shape.map;
        return "object" in shape ? objects[shape.object]?.[key]?.shape : undefined;
      }, root) !== undefined;
  return [
    ...[...paths, ...single].filter((path) => !found(path)).map((path) => `${token} ${path}`),
    ...unknownTokens(plugin, lists).map((other) => `${token} -> ${other}`),
  ];
}

type Reference = NonNullable<Row["refs"]>[string];
const unknownTokens = (plugin: PluginName, refs: readonly Reference[]): string[] =>
  refs
    .flatMap((ref) => (typeof ref === "string" ? [ref] : [ref.to].flat()))
    .filter((token) => token !== "*" && sdkType(plugin, token) === undefined);
