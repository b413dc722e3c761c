/** Runs every operation on a stack of the fourth cloud, and prints what each answers as one JSON value. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "@pulumi/pulumi/automation";

import { CLOUDS } from "../../../clusters";
import { hasOwnCluster } from "../../../operations/cluster/own";
import { importId } from "../../../operations/engine/imports";
import { findOrphans } from "../../../operations/ephemeral/orphans";
import { clusterExists, findLeaks } from "../../../operations/leaks";
import { placeOf } from "../../../operations/place";
import { failureIn } from "../../../operations/failures";
import { previewable } from "../../../stub-clouds/preview/stack";

const TYPE = "harbour:fleet:Cluster";
const NOW = Date.parse("2026-11-25T12:00:00Z");

const stack = {
  name: "pr-1",
  getAllConfig: async () => ({
    "ralph:cloud": { value: "harbour" },
    "ralph:cluster": { value: JSON.stringify({ name: "fleet", berth: "south" }) },
    "harbour:port": { value: "Porto" },
  }),
} as unknown as Stack;

/** @param folder where files may be written */
async function main(folder: string): Promise<void> {
  const place = await placeOf(stack);
  const cluster = { urn: "urn", type: TYPE, custom: true, id: "south/fleet" };
  const file = join(folder, "Pulumi.harbour.yaml");
  writeFileSync(file, JSON.stringify({ config: { "ralph:cloud": "harbour" } }));
  const { plugins, filled } = previewable(file);
  const answers = {
    clouds: CLOUDS,
    place,
    leaks: await findLeaks(place),
    leaksWhileUp: (await findLeaks(place, [cluster])).leftovers,
    exists: await clusterExists(place),
    orphans: await findOrphans(["alive"], NOW, place.cloud),
    owns: hasOwnCluster([cluster]),
    id: await importId({ urn: "urn", type: TYPE, inputs: { berth: "south", name: "fleet" } }, place, []),
    failure: failureIn("error: LowTide")?.because,
    preview: { plugins, filled },
  };
  process.stdout.write(JSON.stringify(answers));
}

void main(process.argv[2] ?? "");
