import { LimitRange, ResourceQuota } from "@pulumi/kubernetes/core/v1";
import type { core } from "@pulumi/kubernetes/types/input";
import { parseQuantity } from "../../config/quantity";
import { runtimeClass } from "../fit";
import { mostPods } from "../keys/quota";
import { LIMIT_RANGE, QUOTA } from "../names";
import { podTemplate } from "../pod";
import type { Scope } from "../scope";

type Kind = "cpu" | "memory" | "ephemeral-storage";
type Amounts = Readonly<Record<Kind, number>>;

/** What a container requests that says nothing: little, as those of a mesh or a debugger need. */
const DEFAULT_REQUEST: Readonly<Record<Kind, string>> = {
  cpu: "100m",
  memory: "128Mi",
  "ephemeral-storage": "64Mi",
};
/** For what a RuntimeClass adds to a pod: virtual machines of Kata take some 600Mi. */
const SANDBOX: Amounts = { cpu: 0.5, memory: 1024 ** 3, "ephemeral-storage": 0 };
/** For pods that people start: a debugger, `./ralphctl verify`. */
const SPARE_PODS = 2;

/**
 * Limits of the namespace. They never stop the stack's own pods: each counts until it is gone, and may drain for hours
 * while its replacement runs, so there is room for all of them twice. Storage is not limited, because claims of the
 * user's may be in the namespace.
 */
export function limits(scope: Scope): (ResourceQuota | LimitRange)[] {
  const { name, config, traits, metadata, options } = scope;
  const containers = containersOf(scope);
  const byDefault = defaultLimit(scope, containers);
  const range = config.limitRange.enabled
    ? [
        new LimitRange(
          `${name}-limits`,
          {
            metadata: metadata(LIMIT_RANGE),
            spec: {
              limits: [{ type: "Container", default: written(byDefault), defaultRequest: DEFAULT_REQUEST }],
            },
          },
          options(),
        ),
      ]
    : [];
  if (!config.quota.enabled) return range;

  const pods = 2 * mostPods(config, traits).all + SPARE_PODS;
  const all = ({ requests, limits: most }: Totals) => ({
    "requests.cpu": cores(pods * requests.cpu),
    "requests.memory": bytes(pods * requests.memory),
    "requests.ephemeral-storage": bytes(pods * requests["ephemeral-storage"]),
    "limits.cpu": cores(pods * most.cpu),
    "limits.memory": bytes(pods * most.memory),
  });
  const quota = new ResourceQuota(
    `${name}-quota`,
    {
      metadata: metadata(QUOTA),
      spec: {
        hard: {
          pods: String(pods),
          // The server would refuse every container without requests and limits.
          ...(config.limitRange.enabled ? all(perPod(scope, containers, byDefault)) : {}),
          ...config.quota.hard,
        },
      },
    },
    options(),
  );
  return [...range, quota];
}

interface Totals {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

const sum = (amounts: readonly Amounts[]): Amounts =>
  each((kind) => amounts.reduce((total, amount) => total + amount[kind], 0));

const each = (amount: (kind: Kind) => number): Amounts => ({
  cpu: amount("cpu"),
  memory: amount("memory"),
  "ephemeral-storage": amount("ephemeral-storage"),
});

interface Container {
  readonly requests?: Readonly<Record<string, unknown>>;
  readonly limits?: Readonly<Record<string, unknown>>;
}

/** The resources of every container in a pod of Ralph, the user's too. */
function containersOf(scope: Scope): Container[] {
  const { spec } = podTemplate(scope, { component: "worker", agent: "auto" });
  const { containers, initContainers = [] } = spec as core.v1.PodSpec;
  return [...(containers as core.v1.Container[]), ...(initContainers as core.v1.Container[])].map(
    ({ resources }) => (resources ?? {}) as Container,
  );
}

const amountOf = (value: unknown): number | undefined =>
  value === undefined ? undefined : parseQuantity(String(value as string));

/** The limit of a container that has none: Ralph's, or more if a container requests more, which it must not exceed. */
const defaultLimit = ({ config }: Scope, containers: readonly Container[]): Amounts =>
  each((kind) =>
    Math.max(
      ...[config.resources.limits[kind], ...containers.map(({ requests }) => requests?.[kind])].map(
        (value) => amountOf(value) ?? 0,
      ),
      amountOf(DEFAULT_REQUEST[kind]) ?? 0,
    ),
  );

/** A pod's containers all at once, which is more than it needs, with room for one that others add. */
function perPod({ config, traits }: Scope, containers: readonly Container[], byDefault: Amounts): Totals {
  const sandbox = "runtimeClassName" in runtimeClass(config, traits) ? [SANDBOX] : [];
  const added: Container = {};
  const all = [...containers, added];
  // The server takes a limit without a request for the request too.
  const requests = all.map((container) =>
    each(
      (kind) =>
        amountOf(container.requests?.[kind]) ??
        amountOf(container.limits?.[kind]) ??
        amountOf(DEFAULT_REQUEST[kind]) ??
        0,
    ),
  );
  const most = all.map((container) => each((kind) => amountOf(container.limits?.[kind]) ?? byDefault[kind]));
  return { requests: sum([...requests, ...sandbox]), limits: sum([...most, ...sandbox]) };
}

const MEBI = 1024 ** 2;

/** Quantities as the server writes them. */
const cores = (amount: number): string => {
  const milli = Math.ceil(amount * 1000 - 1e-6);
  return milli % 1000 === 0 ? String(milli / 1000) : `${milli}m`;
};
const bytes = (amount: number): string => {
  const mebi = Math.ceil(amount / MEBI);
  return mebi % 1024 === 0 ? `${mebi / 1024}Gi` : `${mebi}Mi`;
};
const written = (amounts: Amounts): Record<Kind, string> => ({
  cpu: cores(amounts.cpu),
  memory: bytes(amounts.memory),
  "ephemeral-storage": bytes(amounts["ephemeral-storage"]),
});
