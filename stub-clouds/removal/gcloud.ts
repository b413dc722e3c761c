import { Refusal } from "../errors";
import type { Resource } from "../types";
import { TYPES } from "../vendor/gcloud";
import { option } from "../vendor/words";
import { deleteCompletely, type Remove } from "./site";

const last = (path: unknown): string => String(path).split("/").at(-1) ?? "";

/** Where a thing is, as an option says it. */
const placeOf = ({ id, outputs: { zone, region, location } }: Resource): string | undefined => {
  const own = [zone, region, location].find((each) => each !== undefined);
  return own === undefined ? /\/(?:zones|regions|locations)\/([^/]+)\//.exec(id)?.[1] : last(own);
};

/** `gcloud <group> delete <name> --zone=...`: https://docs.cloud.google.com/sdk/gcloud/reference/compute/disks/delete */
export const removeByGcloud: Remove = async (words, site) => {
  const at = words.indexOf("delete");
  const group = words.slice(0, at).join(" ");
  const token = TYPES[group];
  const name = words[at + 1] ?? "";
  const error = (message: string): Refusal =>
    new Refusal(`ERROR: (gcloud.${group.replaceAll(" ", ".")}.delete) ${message}`);
  if (token === undefined) throw error(`Invalid choice: '${group}'.`);
  // Without a terminal it does not ask, and does nothing.
  if (!words.includes("--quiet"))
    throw error("This prompt could not be answered because you are not in an interactive session.");
  const place = ["zone", "region", "location"].flatMap((each) => option(words, each) ?? [])[0];
  const { resources } = site.world;
  const found = resources.find(
    (each) =>
      each.token === token &&
      (last(each.id) === name || each.outputs.email === name) &&
      (placeOf(each) === place || each.outputs.email === name),
  );
  if (found === undefined) throw error(`The resource '${name}' was not found`);
  // https://docs.cloud.google.com/compute/docs/reference/rest/v1/targetPools/delete
  const rule = resources.find(
    (each) =>
      each.token === TYPES["compute forwarding-rules"] && last(each.outputs.target) === last(found.id),
  );
  if (group === "compute target-pools" && rule !== undefined)
    throw error(`The target_pool resource '${name}' is already being used by '${rule.id}'`);
  try {
    await deleteCompletely(site, found);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    throw error(`Could not fetch resource:\n - ${refusal.message}`);
  }
};
