import * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../../config/problems";
import { violation } from "../findings";
import { missingProgram } from "../preflight";
import { checkShared, clusterProblems } from "../checks";
import type { Config } from "./config";
import { regionOf } from "./location";
import { RULES } from "./rules";

export const PLUGIN = {
  command: "gke-gcloud-auth-plugin",
  install: "gcloud components install gke-gcloud-auth-plugin",
};
const GCLOUD = { command: "gcloud", install: "https://cloud.google.com/sdk/docs/install" };

/** All that is wrong with a cluster's configuration, and what this machine lacks to reach it. */
export const check = (config: Config): Problem[] => [
  ...checkProvider(config),
  ...clusterProblems(checkShared(config)),
  ...RULES.flatMap((rule) => rule(config)).map(violation),
  ...(config.credentials === "gcloud" ? missingProgram(GCLOUD) : []),
  ...missingProgram(PLUGIN),
];

const PROJECT = /^[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const PROJECT_FIX = "pulumi config set gcp:project <project-id>";

/** Keys of the provider, on which the cluster stands. */
function checkProvider({ location }: Config): Problem[] {
  const gcp = new pulumi.Config("gcp");
  const project = gcp.get("project");
  const places = ["region", "zone"].flatMap((key) => {
    const value = gcp.get(key);
    return value === undefined || regionOf(value) === regionOf(location)
      ? []
      : [
          {
            key: `gcp:${key}`,
            rule: `${value} is not where cluster.location ${location} is`,
            fix: `pulumi config rm gcp:${key}`,
          },
        ];
  });
  if (project === undefined) return [{ key: "gcp:project", rule: "is missing", fix: PROJECT_FIX }, ...places];
  if (PROJECT.test(project)) return places;
  const rule = `${JSON.stringify(project)} must be a project id: 6 to 30 lower-case letters, digits and '-'`;
  return [{ key: "gcp:project", rule, fix: PROJECT_FIX }, ...places];
}
