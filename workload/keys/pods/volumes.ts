import { z } from "zod";
import { checkUnique } from "../../../config/checks";
import { type Finding, findIf, forbidden, invalid, notSupported } from "../../../config/findings";
import { dnsLabel, matching } from "../../../config/formats";
import type { Path } from "../../../config/path";
import { MOUNTS } from "../../../runner/src/contract";
import { rule, section } from "../section";

/** The kinds that Pod Security `restricted` allows (https://kubernetes.io/docs/concepts/security/pod-security-standards). */
const KINDS = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
] as const;

/** Volumes of the pods themselves. */
const OWN_VOLUMES = [
  ...["workspace", "cache", "prompts", "home", "tmp", "output"],
  ...["git", "git-socket", "git-cache", "trusted-ca", "ca"],
];
const OWN_PATHS: readonly string[] = [...Object.values(MOUNTS), "/tmp"];

export const extraVolumes = z
  .array(z.looseObject({ name: dnsLabel().meta({ description: "Name of the volume." }) }))
  .default([])
  .meta({ description: `More volumes of every Ralph pod, as a pod has them: ${KINDS.join(", ")}.` });

const mount = section({
  name: dnsLabel().meta({ description: "Name of the volume." }),
  mountPath: matching(/^\/[^:]*$/, "must be an absolute path").meta({ description: "Where it is mounted." }),
  subPath: z
    .string()
    .min(1)
    .optional()
    .meta({ description: "Folder or file of the volume, in place of all of it." }),
  readOnly: z.boolean().optional().meta({ description: "Whether it cannot be written to." }),
});

export const extraVolumeMounts = z
  .array(mount)
  .default([])
  .meta({ description: "Where Ralph's container mounts `extraVolumes`." });

/** A path without a slash at its end, and without a part that changes nothing. */
const normal = (path: string): string =>
  `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;

/** Whether a mount at `path` would hide a folder that the runner needs. */
const hides = (path: string): boolean =>
  path.split("/").includes("..") ||
  OWN_PATHS.some((own) => own === normal(path) || own.startsWith(`${normal(path)}/`)) ||
  /^\/(app|usr|bin|lib|lib64|sbin|proc|sys|dev)?(\/|$)/.test(normal(path));

/** What is wrong with the mounts of Ralph's container. */
const checkMounts = (
  mounts: readonly z.output<typeof mount>[],
  volumes: readonly string[],
  at: Path,
): Finding[] =>
  mounts.flatMap(({ name, mountPath }, i) => [
    ...findIf(!volumes.includes(name), () =>
      volumes.length === 0
        ? forbidden([...at, i], `there is no volume ${name} in extraVolumes`)
        : notSupported([...at, i, "name"], name, volumes),
    ),
    ...findIf(hides(mountPath), () =>
      invalid(
        [...at, i, "mountPath"],
        mountPath,
        "must not hide a folder of the image or of the runner",
        `/mnt/${name}`,
      ),
    ),
  ]);

export const rules = [
  rule({ extraVolumes, extraVolumeMounts }, (config) => [
    ...checkUnique(config as { extraVolumes: { name: string }[] }, "extraVolumes[].name"),
    ...checkUnique(config as { extraVolumeMounts: { mountPath: string }[] }, "extraVolumeMounts[].mountPath"),
    ...config.extraVolumes.flatMap((volume, i) => {
      const { name, ...kinds } = volume;
      const [kind = "none", ...more] = Object.keys(kinds);
      return [
        ...findIf(OWN_VOLUMES.includes(name), () =>
          invalid(
            ["extraVolumes", i, "name"],
            name,
            "must not be the name of a volume of the pod",
            `my-${name}`,
          ),
        ),
        ...findIf(more.length > 0 || !(KINDS as readonly string[]).includes(kind), () =>
          invalid(
            ["extraVolumes", i],
            Object.keys(kinds),
            `must have one of ${KINDS.join(", ")}: the namespace refuses other volumes (Pod Security restricted)`,
          ),
        ),
      ];
    }),
    ...checkMounts(
      config.extraVolumeMounts,
      config.extraVolumes.map(({ name }) => name),
      ["extraVolumeMounts"],
    ),
  ]),
];
