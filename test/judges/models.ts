/**
 * The vendors' own API models, from the packages in which they ship. They are no devDependencies: the few files that
 * are read here are a hundredth of what `npm ci` would have to unpack. Only they are kept, as JSON, in the cache of the
 * tools.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { cacheFolder } from "../../local/tools/cache";
import { download, type Source } from "./packages";

/** The models of an Azure SDK; those of ES modules and of CommonJS are the same. */
const azure = (version: string, sha256: string): Source => ({
  index: "npm",
  version,
  sha256,
  files: /^package\/(dist\/commonjs|dist-esm\/src)\/models\/(mappers|parameters)\.js$/,
});

const PACKAGES = {
  /** Google's discovery documents. */
  "google-api-python-client": {
    index: "pip",
    version: "2.202.0",
    sha256: "aaa90064c9bb642ff1d065b22ca8958a2cb6e345909cefe70d0e5452fc50e08b",
    files:
      /^googleapiclient\/discovery_cache\/documents\/(container\.v1beta1|compute\.beta|artifactregistry\.v1|iam\.v1|cloudresourcemanager\.v1|serviceusage\.v1)\.json$/,
  },
  "@azure/arm-authorization": azure(
    "9.0.0",
    "7753d32e4efbdb730ea403ab32c4ddeb5d3a9eb2892fb7dd90436aeb38b7a267",
  ),
  "@azure/arm-containerregistry": azure(
    "10.1.0",
    "c2d8f26ffdd61a218155b2d194cb9440ca3380f436dbe5ea99fd0f651af79448",
  ),
  "@azure/arm-containerservice": azure(
    "24.1.0",
    "9d22b6b957b88047ca0f36bd70a1ba659afe477e600a56410b8bf515722794ef",
  ),
  "@azure/arm-locks": azure("2.1.0", "781f5411819951aa67cd59113c89bb76ec2311d82600db326cfdda5848cd9ce3"),
  "@azure/arm-monitor": azure("7.0.0", "55ade1293c2fedff85925eb17b6d474463e70646aacc80c1fb2db1f672366a60"),
  "@azure/arm-msi": azure("2.2.0", "258873ebafa537101c6fb835ee2541f8fc90b4dd4a32412de2916e128e9a6b6d"),
  "@azure/arm-network": azure("34.1.0", "7561e778e5e8451df6e11965828d9cdde20f7023cef4fc9b2d6c83b9309d676a"),
  "@azure/arm-operationalinsights": azure(
    "9.0.0",
    "8996d87dc118cbf178eb3473aea61f346b3b699fafd1b8295b707a0ce611aef3",
  ),
  "@azure/arm-resources": azure("7.0.0", "d8fcd2651d466c776375b11ec2d7c39db0c43f904f148d61956d9bd906f15ee6"),
  /** CloudFormation's registry: a schema for each type of resource, in files named by a hash. And IAM's actions. */
  "cfn-lint": {
    index: "pip",
    version: "1.58.0",
    sha256: "9d9f06043160756a6158f5c3f92a44ce38254b1c578127461608305bc8262987",
    files: /^cfnlint\/data\/(schemas\/providers\/us-west-2|AdditionalSpecs\/Policies)\.json$/,
    listed: {
      file: "cfnlint/data/schemas/providers/us-west-2.json",
      names: /^AWS::(Backup|EC2|ECR|EFS|EKS|IAM|Logs)::/,
      path: (id: string) => `cfnlint/data/schemas/resources/${id}.json`,
    },
  },
  /** The models from which AWS generates its SDKs. */
  botocore: {
    index: "pip",
    version: "1.44.5",
    sha256: "8f16a56d1dff125dd65322ae021efa7ba5195a6db5102b96862566055b748921",
    files:
      /^botocore\/data\/(backup\/2018-11-15|ec2\/2016-11-15|ecr\/2015-09-21|efs\/2015-02-01|eks\/2017-11-01|iam\/2010-05-08|logs\/2014-03-28)\/service-2\.json\.gz$/,
  },
} satisfies Record<string, Source>;
export type PackageName = keyof typeof PACKAGES;

export const MISSING =
  "the vendors' API models are not in the cache and cannot be downloaded: no resource of a cloud was judged. They come " +
  "by `python3 -m pip download` and `npm pack` from the indexes that pip and npm are configured for, once per version";

/** Where each package's models are. */
const folders = new Map<PackageName, string>();

/** @returns the folder of a package's models, which are downloaded unless they are cached */
function obtain(name: PackageName): string {
  const source: Source = PACKAGES[name];
  const models = join(cacheFolder(), "models");
  // What is kept is part of the key, as the version is.
  const kept = [source.sha256, source.files.source, ...(source.listed ? [source.listed.names.source] : [])];
  const key = createHash("sha256").update(kept.join(" ")).digest("hex").slice(0, 12);
  const folder = join(models, `${name.replace("/", "-")}-${source.version}-${key}`);
  if (existsSync(folder)) return folder;
  mkdirSync(models, { recursive: true });
  const partial = mkdtempSync(join(models, "partial-"));
  try {
    const unpacked = join(partial, "models");
    for (const { path, text } of download(name, source, partial)) {
      const to = join(unpacked, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, text);
    }
    renameSync(unpacked, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // else another process was faster
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}

// While this module loads: some tests limit PATH, and python3 and npm would not be found later.
try {
  for (const name of Object.keys(PACKAGES) as PackageName[]) folders.set(name, obtain(name));
} catch (error) {
  folders.clear();
  process.stderr.write(`${MISSING}: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Whether the models are on this machine. */
export const present = (): boolean => folders.size > 0;

const read = new Map<string, unknown>();

/** One file of a package, parsed once. */
export function model<T>(name: PackageName, path: string): T {
  const file = join(folders.get(name) ?? "", path);
  if (!read.has(file)) read.set(file, JSON.parse(readFileSync(file, "utf8")));
  return read.get(file) as T;
}
