import { setTimeout as delay } from "node:timers/promises";

import type { StubCloud } from "../cloud";
import type { Resource } from "../types";
import type { World } from "../world";

export interface Site {
  readonly world: World;
  readonly cloud: StubCloud;
}

/** Deletes, and returns once that is complete: as gcloud and az do, and aws does not. */
export async function deleteCompletely(
  { cloud }: Site,
  resource: Pick<Resource, "id" | "token">,
): Promise<void> {
  const end = (await cloud.requestDeletion(resource)) ?? 0;
  await delay(Math.max(0, end - Date.now() + 1));
}

/** One command of a vendor's program. @throws Refusal with what the program prints */
export type Remove = (words: readonly string[], site: Site) => Promise<void>;
