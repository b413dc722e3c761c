import { z } from "zod";
import { type Finding, findIf, forbidden, invalid } from "../../../config/findings";
import { dnsLabel } from "../../../config/formats";
import { isMap, type Path } from "../../../config/path";
import { rule } from "../section";
import { checkVariables, variable } from "./variables";

/** A container as a pod has it; the API server checks what is not named here. */
const container = z.looseObject({
  name: dnsLabel().meta({ description: "Name of the container." }),
  image: z.string().min(1).meta({ description: "Its image." }),
  env: z.array(variable).optional().meta({ description: "Its variables." }),
});

export const initContainers = z.array(container).default([]).meta({
  description: "Containers that run before Ralph in every Ralph pod, one after another, as a pod has them.",
});

export const sidecars = z.array(container).default([]).meta({
  description:
    "Containers that run beside Ralph and end with it (`restartPolicy: Always` in `initContainers` of the pod).",
});

/** Names of the pod's own containers. */
const OWN = ["ralph", "trusted-ca", "git"];

/** Settings that the namespace would refuse (https://kubernetes.io/docs/concepts/security/pod-security-standards). */
const REFUSED: Readonly<Record<string, (value: unknown) => boolean>> = {
  privileged: (value) => value === true,
  allowPrivilegeEscalation: (value) => value === true,
  runAsNonRoot: (value) => value === false,
  runAsUser: (value) => value === 0,
  procMount: (value) => value !== "Default",
  seccompProfile: (value) => !isMap(value) || (value.type !== "RuntimeDefault" && value.type !== "Localhost"),
  capabilities: (value) => {
    const { add = [], drop = ["ALL"] } = isMap(value) ? value : {};
    return (
      ![add, drop].every(Array.isArray) || !dropsAll(drop as unknown[]) || (add as unknown[]).some(isMore)
    );
  },
};
const dropsAll = (drop: readonly unknown[]): boolean => drop.includes("ALL");
const isMore = (capability: unknown): boolean => capability !== "NET_BIND_SERVICE";

type Container = z.output<typeof container>;

function checkContainer(each: Container, at: Path): Finding[] {
  const security = isMap(each.securityContext) ? each.securityContext : {};
  const ports = Array.isArray(each.ports) ? (each.ports as unknown[]) : [];
  return [
    ...findIf(OWN.includes(each.name), () =>
      invalid(
        [...at, "name"],
        each.name,
        "must not be the name of a container of the pod",
        `my-${each.name}`,
      ),
    ),
    ...checkVariables(each.env ?? [], [...at, "env"], /(?!)/),
    ...Object.entries(REFUSED)
      .filter(([key, refused]) => key in security && refused(security[key]))
      .map(([key]) =>
        invalid(
          [...at, "securityContext", key],
          security[key],
          "must comply with Pod Security restricted, which the namespace enforces",
        ),
      ),
    ...ports.flatMap((port, i) =>
      findIf(isMap(port) && port.hostPort !== undefined, () =>
        forbidden([...at, "ports", i, "hostPort"], "the namespace refuses ports of nodes"),
      ),
    ),
  ];
}

export const rules = [
  rule({ initContainers, sidecars }, ({ initContainers: before, sidecars: beside }) => {
    const names = [...before, ...beside].map(({ name }) => name);
    const check = (list: readonly Container[], key: string, first: number) =>
      list.flatMap((each, i) => [
        ...checkContainer(each, [key, i]),
        ...findIf(names.indexOf(each.name) < first + i, () =>
          invalid(
            [key, i, "name"],
            each.name,
            "must be unique among the containers",
            `${each.name}-${i + 2}`,
          ),
        ),
      ]);
    return [...check(before, "initContainers", 0), ...check(beside, "sidecars", before.length)];
  }),
];
