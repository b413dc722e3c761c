import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { parse } from "yaml";

import { Front } from "./front";

/**
 * What the provider adds to the server's words if a created object exists
 * (https://github.com/pulumi/pulumi-kubernetes/blob/94977969d/provider/pkg/await/await.go, `Creation`).
 */
const EXPLANATION = `

The resource already exists in the cluster. This can happen when:

  - Renaming a Pulumi resource: use an alias to preserve the identity,
    or use deleteBeforeReplace if the resource needs replacement.
  - Managing an existing resource: use a Patch resource (e.g. NamespacePatch)
    to manage specific fields without owning the resource lifecycle.
  - Adopting a resource into Pulumi: use \`pulumi import\`. Note that
    protected resources (e.g. kube-system) cannot be deleted on destroy.
  - Intentional upsert: set upsertExistingObjects on the provider to allow
    server-side apply to update existing objects on create.`;

/** Only the provider's creations by server-side apply validate fields; its updates do not. */
const isCreation = ({ method, url = "", headers }: IncomingMessage): boolean =>
  method === "PATCH" &&
  headers["content-type"] === "application/apply-patch+yaml" &&
  new URL(url, "http://server").searchParams.has("fieldValidation");

/**
 * An API server before which a provider older than 4.29 does what a newer one does: it creates an object with POST,
 * which the server refuses if the object exists, unless existing objects are to be updated.
 *
 * @param name unique within a run @param upserts whether they are, as $PULUMI_K8S_UPSERT_EXISTING_OBJECTS says
 */
export const newerProvider = (name: string, upserts: () => boolean): Promise<Front> =>
  Front.open(name, async (asked, answer, front) => {
    if (!isCreation(asked) || upserts()) return false;
    const { pathname, searchParams } = new URL(asked.url ?? "", "http://server");
    const query = new URLSearchParams({ fieldManager: "pulumi-kubernetes" });
    const dryRun = searchParams.get("dryRun");
    if (dryRun !== null) query.set("dryRun", dryRun);
    const real = await front.ask({
      method: "POST",
      path: `${pathname.slice(0, pathname.lastIndexOf("/"))}?${query}`,
      headers: { accept: "application/json", "content-type": "application/json" },
      body: JSON.stringify(parse(await text(asked))),
    });
    const body = JSON.parse(await text(real)) as { reason?: string; message?: string };
    if (body.reason === "AlreadyExists") body.message += EXPLANATION;
    answer
      .writeHead(real.statusCode ?? 502, { "content-type": "application/json" })
      .end(JSON.stringify(body));
    return true;
  });
