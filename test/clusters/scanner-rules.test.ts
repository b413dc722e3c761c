/**
 * Proves that the committed stack of each cloud, as registered under mocks, keeps the rules of two scanners, checkov
 * 3.3.30 and trivy-checks 1.10.0, for clusters, nodes, registries and what they depend on; or that a rule has an
 * exemption that docs/security.md explains and that is still needed. Neither scanner runs here, because they read
 * Terraform; the predicates are this project's.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import * as aks from "../support/aks";
import * as eks from "../support/eks";
import * as gke from "../support/gke";
import { block, table } from "../support/markdown";
import { AKS } from "../support/scanner-rules/aks";
import { EKS } from "../support/scanner-rules/eks";
import { GKE } from "../support/scanner-rules/gke";
import type { Exemption, ScannerRule, Values } from "../support/scanner-rules/types";
import type { StackRun } from "../support/stack";

interface Subject {
  readonly stack: string;
  readonly rules: readonly ScannerRule[];
  /** Runs the program with these keys of `ralph:cluster`. */
  readonly run: (cluster: Values) => Promise<StackRun>;
  /** Keys that the committed file leaves to the user. */
  readonly cluster?: Values;
}

const SUBJECTS: readonly Subject[] = [
  { stack: "gke", rules: GKE, run: (cluster) => gke.run(cluster) },
  { stack: "eks", rules: EKS, run: (cluster) => eks.run(cluster) },
  {
    stack: "aks",
    rules: AKS,
    run: (cluster) => aks.run(cluster),
    cluster: { admins: [{ objectId: aks.ADMIN }] },
  },
];

describe("the rules of scanners", () => {
  let giveBack: () => void;
  before(() => (giveBack = aks.onlyPrograms("gke-gcloud-auth-plugin", "aws", "kubelogin", "az")));
  after(() => giveBack());

  for (const { stack, rules, run, cluster } of SUBJECTS) {
    describe(`on the committed stack ${stack}`, () => {
      const committed = { ...committedCluster(stack), ...cluster };
      let made: StackRun;
      before(async () => (made = await run(committed)));

      for (const { ids, asks, exempt, turned, ...rule } of rules) {
        const [verdict, other] = exempt === undefined ? [true, false] : [false, true];

        it(`${ids.join(", ")}: ${asks}${exempt === undefined ? "" : " (exempt)"}`, () => {
          const subjects = inspected(made, rule);
          assert.ok(subjects.length > 0, `there is no ${rule.of}`);
          assert.equal(subjects.every(rule.holds), verdict);
          for (const inputs of subjects) {
            assert.equal(rule.holds(merged(inputs, turned)), other, "the case that turns it does not");
          }
        });

        if (exempt?.keptBy !== undefined) {
          it(`${ids.join(", ")} is kept by ${keysOf(exempt.keptBy).join(" and ")}`, async () => {
            const keys = exempt.keptBy ?? {};
            // A list of ranges replaces access from all addresses.
            const open = "api" in keys ? { api: undefined } : {};
            assert.ok(inspected(await run({ ...committed, ...open, ...keys }), rule).every(rule.holds));
          });
        }
      }
    });
  }
});

describe("docs/security.md", () => {
  const text = readFileSync("docs/security.md", "utf8");

  for (const { stack, rules } of SUBJECTS) {
    it(`names every rule of ${stack} that is kept, and explains every other`, async () => {
      const kept = rules.filter(({ exempt }) => exempt === undefined).flatMap(({ ids }) => ids);
      const exempt = rules.filter(isExempt);
      const wanted = await table(
        ["Rule", "Requires that", "Not met, because", "Instead", "Met with"],
        exempt.map(({ ids, asks, exempt: { why, instead, keptBy } }) => [
          ids.join(", "),
          asks,
          why,
          instead,
          keptBy === undefined
            ? ""
            : keysOf(keptBy)
                .map((key) => `\`ralph:cluster.${key}\``)
                .join(", "),
        ]),
      );
      assert.equal(block(text, `exemptions ${stack}`), wanted);
      const missing = kept.filter((id) => !block(text, `kept ${stack}`).includes(id));
      assert.deepEqual(missing, [], `to be named: ${[...new Set(kept)].join(", ")}`);
      const named = block(text, `kept ${stack}`).match(/\b(CKV2?_[A-Z]+_\d+|AVD-[A-Z]+-\d+)\b/g) ?? [];
      assert.deepEqual(
        [...new Set(named)].filter((id) => !kept.includes(id)),
        [],
      );
    });
  }
});

const isExempt = (rule: ScannerRule): rule is ScannerRule & { readonly exempt: Exemption } =>
  rule.exempt !== undefined;

function committedCluster(stack: string): Values {
  const { config } = parse(readFileSync(`Pulumi.${stack}.yaml`, "utf8")) as { config: Values };
  return config["ralph:cluster"] as Values;
}

/** The inputs that a rule reads. */
const inspected = ({ ofType }: StackRun, { of, within }: Pick<ScannerRule, "of" | "within">): Values[] =>
  ofType(of).flatMap(({ inputs }) =>
    within === undefined ? [inputs as Values] : ((inputs as Record<string, Values[]>)[within] ?? []),
  );

function isMap(value: unknown): value is Values {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** RFC 7396. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const base = isMap(target) ? target : {};
  const entries = Object.entries(patch).map(([key, value]) => [key, merged(base[key], value)] as const);
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(entries) }).filter(([, value]) => value !== null),
  );
}

/** Paths of the values in a map: `api.cidrs`. */
function keysOf(values: Values, prefix = ""): string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    isMap(value) ? keysOf(value, `${prefix}${key}.`) : [prefix + key],
  );
}
