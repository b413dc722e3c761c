/**
 * Evaluates NetworkPolicy objects as the Kubernetes API defines them: a pure function from policies and a
 * connection to a verdict, both for manifests and for the objects that a server returns.
 */
import { BlockList, isIPv6 } from "node:net";

type Labels = Readonly<Record<string, string>>;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly {
    readonly protocol?: string;
    readonly port?: number | string;
    readonly endPort?: number;
  }[];
}

/** The part of networking.k8s.io/v1 NetworkPolicy that decides about a connection. */
export interface NetworkPolicy {
  readonly metadata?: { readonly namespace?: string };
  readonly spec?: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

export interface Pod {
  readonly namespace: string;
  readonly labels: Labels;
  /** If undefined, no address range matches the pod. */
  readonly ip?: string;
  /** Labels of its namespace, besides the one that every namespace has. */
  readonly namespaceLabels?: Labels;
}

/** A pod, or an address outside the cluster. */
export type Endpoint = Pod | string;

export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

/** Whether the policies let a connection leave its source and reach its target. */
export const allowed = (policies: readonly NetworkPolicy[], connection: Connection): boolean =>
  passes(policies, connection, "Egress") && passes(policies, connection, "Ingress");

type Direction = "Egress" | "Ingress";

/** Policies are additive: a selected pod is allowed what any rule of the policies that select it allows. */
function passes(policies: readonly NetworkPolicy[], connection: Connection, direction: Direction): boolean {
  const [subject, peer] =
    direction === "Egress" ? [connection.from, connection.to] : [connection.to, connection.from];
  if (typeof subject === "string") return true;
  const governing = policies.filter(
    (policy) =>
      (policy.metadata?.namespace ?? "default") === subject.namespace &&
      matches(policy.spec?.podSelector ?? {}, subject.labels) &&
      types(policy).includes(direction),
  );
  return (
    governing.length === 0 ||
    governing.some((policy) =>
      rules(policy, direction).some(
        ({ peers, ports }) =>
          (peers.length === 0 || peers.some((each) => isPeer(each, peer, subject.namespace))) &&
          (ports.length === 0 || ports.some((port) => isPort(port, connection))),
      ),
    )
  );
}

/** By default Ingress, and Egress if there is a rule for it. */
const types = ({ spec }: NetworkPolicy): readonly string[] =>
  spec?.policyTypes ?? ["Ingress", ...(spec?.egress === undefined ? [] : ["Egress"])];

const rules = ({ spec }: NetworkPolicy, direction: Direction) =>
  direction === "Egress"
    ? (spec?.egress ?? []).map(({ to = [], ports = [] }) => ({ peers: to, ports }))
    : (spec?.ingress ?? []).map(({ from = [], ports = [] }) => ({ peers: from, ports }));

function isPeer({ ipBlock, namespaceSelector, podSelector }: Peer, peer: Endpoint, home: string): boolean {
  if (ipBlock !== undefined) {
    const address = typeof peer === "string" ? peer : peer.ip;
    return (
      address !== undefined &&
      within(ipBlock.cidr, address) &&
      !(ipBlock.except ?? []).some((range) => within(range, address))
    );
  }
  if (typeof peer === "string") return false;
  const there = { ...peer.namespaceLabels, "kubernetes.io/metadata.name": peer.namespace };
  // Both selectors of one entry must match; without a namespace selector, the policy's own namespace is meant.
  return (
    (namespaceSelector === undefined ? peer.namespace === home : matches(namespaceSelector, there)) &&
    matches(podSelector ?? {}, peer.labels)
  );
}

function isPort(
  { protocol = "TCP", port, endPort }: NonNullable<Rule["ports"]>[number],
  connection: Connection,
): boolean {
  if (typeof port === "string") throw new Error(`port ${port}: names of ports are not evaluated here`);
  return (
    protocol === (connection.protocol ?? "TCP") &&
    (port === undefined || (connection.port >= port && connection.port <= (endPort ?? port)))
  );
}

/** An empty selector matches everything. */
function matches({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          throw new Error(`operator ${operator} of a selector`);
      }
    })
  );
}

function within(cidr: string, address: string): boolean {
  const [network = "", bits] = cidr.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  if (family !== (isIPv6(address) ? "ipv6" : "ipv4")) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
