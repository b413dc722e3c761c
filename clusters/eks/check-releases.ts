import { type Finding, findIf, invalid } from "../../config/findings";
import { minorOf } from "../versions";
import type { Config } from "./config";

/** The version of an add-on, as `aws eks describe-addon-versions` lists it. */
const ADDON_VERSION = /^v\d+\.\d+\.\d+-eksbuild\.\d+$/;
const EXAMPLE = "v1.20.1-eksbuild.3";

/** The rules for pinned versions. Which of them AWS has, only AWS knows. */
export const checkReleases = ({ version, addons, nodes: { release } }: Config): readonly Finding[] => [
  ...Object.entries(addons).flatMap(([name, pin]) =>
    findIf(!ADDON_VERSION.test(pin), () =>
      invalid(["addons", name], pin, `must be a version of the add-on, such as ${EXAMPLE}`, EXAMPLE),
    ),
  ),
  ...(version === undefined || release === undefined
    ? []
    : findIf(minorOf(release) !== undefined && minorOf(release) !== minorOf(version), () =>
        invalid(["nodes", "release"], release, `must be a release for the cluster's version, ${version}`),
      )),
];
