/**
 * Proves that a command which an error offers for a range mends what it is offered for: it never sets the value
 * that is there, and once all that is offered is set, no key breaks a rule of the same words again.
 */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import { cloud as aks } from "../../clusters/aks";
import { canonical } from "../../clusters/cidr";
import { cloud as eks } from "../../clusters/eks";
import { cloud as gke } from "../../clusters/gke";
import type { Problem } from "../../config/problems";

type Network = Readonly<Record<string, string>>;
type Check = (network: Network, max: number) => Problem[];

/** Private ranges that meet now and then, some with bits of a host. */
const range = fc
  .tuple(
    fc.constantFrom("10.0", "10.4", "10.224", "10.244", "172.16", "172.30", "192.168"),
    fc.constantFrom(0, 1, 16, 128),
    fc.constantFrom(0, 16),
    fc.integer({ min: 9, max: 29 }),
  )
  .chain(([head, third, last, bits]) => {
    const text = `${head}.${third}.${last}/${bits}`;
    return fc.constantFrom(canonical(text), text);
  });

const nodesOf = (max: number) => ({ min: 1, count: 1, max });
const CLOUDS: Readonly<Record<string, { readonly keys: readonly string[]; readonly check: Check }>> = {
  gke: {
    keys: ["nodes", "pods", "services", "controlPlane"],
    check: (network, max) => gke.check(gke.schema.parse({ network, nodes: nodesOf(max) })),
  },
  aks: {
    keys: ["vnet", "nodes", "pods", "services"],
    check: (network, max) => aks.check(aks.schema.parse({ network, nodes: nodesOf(max) })),
  },
  eks: {
    keys: ["cidr", "serviceCidr"],
    check: (network, max) => eks.check(eks.schema.parse({ network, nodes: nodesOf(max) })),
  },
};

const FIX = /^pulumi config set --path ralph:cluster\.network\.(\w+) (\d\S*)$/;
/** What a rule says beside the ranges and numbers in it. */
const words = ({ key, rule }: Problem) => `${key} ${rule.replace(/[\d./]+/g, "#")}`;

describe("a range that an error offers", () => {
  beforeEach(() => pulumi.runtime.setAllConfig({ "aws:region": "us-west-2" }));

  for (const [name, { keys, check }] of Object.entries(CLOUDS)) {
    it(`mends what it is offered for on ${name}`, () => {
      const network = fc.dictionary(fc.constantFrom(...keys), range);
      fc.assert(
        fc.property(network, fc.constantFrom(1, 10, 200, 1100, 15_000), (given, max) => {
          const mended = check(given, max).flatMap((violation) => {
            const [, key, value] = FIX.exec(violation.fix) ?? [];
            return key === undefined || value === undefined ? [] : [{ violation, key, value }];
          });
          for (const { violation, key, value } of mended) assert.notEqual(value, given[key], violation.rule);
          const changes = Object.fromEntries(mended.map(({ key, value }) => [key, value]));
          const left = check({ ...given, ...changes }, max).map(words);
          for (const { violation } of mended) assert.ok(!left.includes(words(violation)), violation.rule);
        }),
        { numRuns: 500 },
      );
    });
  }
});
