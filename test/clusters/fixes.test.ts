/**
 * Proves that the fix offered for a range fixes it: it never sets the current value, and once all fixes are applied, no
 * key breaks the same rule again.
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

/** Private ranges that overlap now and then, some with host bits set. */
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
/** A rule without the ranges and numbers in it. */
const words = ({ key, rule }: Problem) => `${key} ${rule.replace(/[\d./]+/g, "#")}`;

describe("the fix that a problem offers for a range", () => {
  beforeEach(() => pulumi.runtime.setAllConfig({ "aws:region": "us-west-2" }));

  for (const [name, { keys, check }] of Object.entries(CLOUDS)) {
    it(`keeps the rule on ${name}`, () => {
      const network = fc.dictionary(fc.constantFrom(...keys), range);
      fc.assert(
        fc.property(network, fc.constantFrom(1, 10, 200, 1100, 15_000), (given, max) => {
          const fixed = check(given, max).flatMap((problem) => {
            const [, key, value] = FIX.exec(problem.fix) ?? [];
            return key === undefined || value === undefined ? [] : [{ problem, key, value }];
          });
          for (const { problem, key, value } of fixed) assert.notEqual(value, given[key], problem.rule);
          const changes = Object.fromEntries(fixed.map(({ key, value }) => [key, value]));
          const left = check({ ...given, ...changes }, max).map(words);
          for (const { problem } of fixed) assert.ok(!left.includes(words(problem)), problem.rule);
        }),
        { numRuns: 500 },
      );
    });
  }
});
