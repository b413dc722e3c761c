import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

import { REPOSITORY } from "../../../lib/repository";
import { kubectl, kubectlWith } from "./kubectl";
import { key, normal } from "./normal";
import { leaves } from "./paths";

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const FOLDER = join(REPOSITORY, "test", "guide");

/** The guide's pull Secret, as its command creates it. */
const PULL_SECRET = [
  ...["create", "secret", "docker-registry", "regcred", "-n", "ralph-orchestrator"],
  ...["--docker-server=ghcr.io", "--docker-username=USERNAME", "--docker-password=TOKEN"],
];

/**
 * The guide's objects as this run's server would store them, defaults included, by kind and name; fields that the
 * server drops because it does not know them are kept. Call this before objects of those names exist.
 *
 * @param scratch a namespace that accepts any pod, for the dry run
 */
export async function guideObjects(scratch: string): Promise<Map<string, Map<string, unknown>>> {
  const manifests = [
    ...readdirSync(FOLDER).flatMap((file) => documents(readFileSync(join(FOLDER, file), "utf8"))),
    JSON.parse(await kubectl(...PULL_SECRET, "--dry-run=client", "-o", "json")) as Manifest,
  ];
  const items = manifests.map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, ...(metadata.namespace !== undefined && { namespace: scratch }) },
  }));
  const answer = await kubectlWith(
    items,
    ...["create", "--dry-run=server", "--validate=ignore", "-o", "yaml"],
  );
  const held = documents(answer);
  return new Map(
    manifests.map((manifest, i) => {
      // `stringData` is write-only: the server returns it as `data`.
      const specified = { ...manifest, stringData: undefined };
      const { namespace } = manifest.metadata;
      const answered = held[i] as Manifest;
      const stored = { ...answered, metadata: { ...answered.metadata, namespace } };
      return [key(manifest as never), new Map([...leaves(normal(specified)), ...leaves(normal(stored))])];
    }),
  );
}

const documents = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => document.toJS() as Manifest);
