/**
 * Proves what `verify` concludes about what only a cloud can show of a stack with everything switched on: Secrets from a
 * store, backups, hosts by their names, sandboxes and the way in. The cluster's answers are those of the components'
 * references, the page is a real server, and the kernel's version is read by the real program.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { release, tmpdir } from "node:os";
import { join } from "node:path";

import { run } from "../../lib/process";
import { Refusal } from "../../operations/cluster/client";
import { backups, judgeBackups } from "../../operations/verify/checks/backups";
import { chooseHosts, hosts } from "../../operations/verify/checks/hosts";
import { sandboxed } from "../../operations/verify/checks/kernel";
import { secrets } from "../../operations/verify/checks/secrets";
import { judgeAnswer, notAdmitted, pages, type Route, wayIn } from "../../operations/verify/checks/way-in";
import { kernel } from "../../operations/verify/programs";
import type { Check, Context } from "../../operations/verify/types";
import { selfSigned } from "../support/self-signed";

/** The result of a check on a cluster with these objects. @param reports of its pods, in the order of their start */
async function result(
  { run: check }: Check,
  objects: Readonly<Record<string, unknown>> = {},
  more: object = {},
  reports: object[] = [],
): Promise<string> {
  const at = <T>(path: string): Promise<T> => {
    const found = Object.entries(objects).find(([each]) => path.split("?")[0]?.endsWith(each));
    return found === undefined ? Promise.reject(new Refusal(404, {})) : Promise.resolve(found[1] as T);
  };
  let started = 0;
  const { outcome, detail } = await check({
    client: { get: at, list: at },
    namespace: "ralph",
    workers: { spec: { template: { spec: { containers: [{ name: "ralph" }] } } } },
    sandbox: {
      start: () => Promise.resolve(started++),
      report: (job: number) => Promise.resolve(reports[job]),
    },
    reach: "api.anthropic.com:443",
    nodes: [],
    traits: {},
    ...more,
  } as unknown as Context);
  return `${outcome} ${detail}`;
}

describe("verify's production checks", () => {
  it("are skipped, with the key that switches it on, where the stack has no such thing", async () => {
    for (const [check, key] of [
      [secrets, /^skipped .*docs\/secrets\.md/],
      [hosts, /^skipped .*networkPolicy\.hosts/],
      [sandboxed, /^skipped .*sandbox/],
      [wayIn, /^skipped .*ralph:ingress, ralph:gateway/],
    ] as const)
      assert.match(await result(check), key);
    assert.match(await result(backups, { cronjobs: [] }), /^skipped .*backup\.enabled/);
  });
});

describe("verify of Secrets from a store", () => {
  const of = (name: string, status?: string) => ({
    metadata: { name },
    status: {
      conditions:
        status === undefined
          ? []
          : [{ type: "Ready", status, reason: "SecretSyncedError", message: "denied" }],
    },
  });
  const CASES: [what: string, objects: object, expected: string][] = [
    [
      "passes once all are ready",
      { secretstores: [of("ralph-store", "True")], externalsecrets: [of("ralph-secrets-external", "True")] },
      "passed ready: ralph-store, ralph-secrets-external",
    ],
    [
      "fails in the operator's words",
      { externalsecrets: [of("ralph-secrets-external", "False")] },
      "failed ralph-secrets-external: SecretSyncedError: denied",
    ],
    [
      "fails without an operator",
      { externalsecrets: [of("ralph-secrets-external")] },
      "failed ralph-secrets-external: no operator has read it",
    ],
  ];
  for (const [what, objects, expected] of CASES)
    it(what, async () => assert.equal(await result(secrets, { ...objects }), expected));
});

describe("verify of backups", () => {
  const HOUR = 3600;
  const at = (hours: number) => new Date(Date.now() - hours * HOUR * 1000).toISOString();
  const cronjobs = [
    { metadata: { name: "ralph-backup", creationTimestamp: at(48) }, spec: { schedule: "7 * * * *" } },
  ];
  const snapshot = (hours: number, readyToUse: boolean, kind = "snapshot") => ({
    metadata: { name: "s", creationTimestamp: at(hours), labels: { "ralph-orchestrator/backup": kind } },
    status: { readyToUse, ...(readyToUse ? {} : { error: { message: "quota" } }) },
  });
  const CASES: [what: string, volumesnapshots: object[], expected: string][] = [
    ["passes with a young one that can be used", [snapshot(0.5, true)], "passed snapshot: 0.5 h old"],
    [
      "passes although the newest is still made",
      [snapshot(0, false), snapshot(1, true)],
      "passed snapshot: 1.0 h old",
    ],
    [
      "fails if it is too old",
      [snapshot(3, true)],
      "failed the newest snapshot that can be used is 3.0 h old",
    ],
    ["fails in the driver's words", [snapshot(1, false)], "failed no snapshot can be used: quota"],
    ["fails with a copy alone", [snapshot(1, true, "copy")], "failed no snapshot can be used"],
  ];
  for (const [what, volumesnapshots, expected] of CASES)
    it(what, async () => assert.equal(await result(backups, { cronjobs, volumesnapshots }), expected));

  it("waits for the first one of a new schedule, and names the command that takes it", () => {
    const copy = { name: "ralph-backup-copy", kind: "copy", pause: 24 * HOUR, error: undefined };
    assert.deepEqual(judgeBackups([{ ...copy, exists: HOUR, age: undefined }], "ralph"), {
      outcome: "skipped",
      detail: "the first copy is not due yet",
      next: ["kubectl -n ralph create job ralph-backup-copy-again --from=cronjob/ralph-backup-copy"],
    });
  });
});

describe("verify of hosts by their names", () => {
  const CASES: [what: string, listed: string[], reach: string, expected: (string | undefined)[]][] = [
    [
      "the one to reach",
      ["packages.example.com", "*.anthropic.com"],
      "api.anthropic.com",
      ["api.anthropic.com", "www.iana.org"],
    ],
    [
      "the first one otherwise",
      ["*.example.net", "packages.example.com"],
      "github.com",
      ["packages.example.com", "www.iana.org"],
    ],
    [
      "one that is not listed",
      ["packages.example.com", "*.iana.org"],
      "x",
      ["packages.example.com", "www.ietf.org"],
    ],
    ["none of patterns alone", ["*.example.net"], "github.com", [undefined, "www.iana.org"]],
  ];
  for (const [what, listed, reach, expected] of CASES)
    it(`chooses ${what}`, () => {
      const { wanted, other } = chooseHosts(listed, reach);
      assert.deepEqual([wanted, other], expected);
    });

  const GKE = { egress: [{ matches: [{ name: "api.anthropic.com" }] }] };
  const CILIUM = { egress: [{ toPorts: [] }, { toFQDNs: [{ matchPattern: "*.anthropic.com" }] }] };
  const POLICIES = [
    ["fqdnnetworkpolicies", GKE],
    ["ciliumnetworkpolicies", CILIUM],
  ] as const;
  for (const [plural, spec] of POLICIES)
    it(`compares a pod of Ralph with another one (${plural})`, async () => {
      const objects = { [`${plural}/ralph-host-policy`]: { spec } };
      const tried = (listed: string, other: string) => ({
        connections: { "api.anthropic.com": listed, "www.iana.org": other },
      });
      const control = tried("open", "open");
      assert.equal(
        await result(hosts, objects, {}, [tried("open", "ETIMEDOUT"), control]),
        "passed api.anthropic.com is reached; blocked by the policy: www.iana.org",
      );
      assert.match(
        await result(hosts, objects, {}, [control, control]),
        /^failed .* reaches www\.iana\.org:/,
      );
    });
});

describe("verify of a sandbox", () => {
  const more = {
    traits: { scheduling: { runtimeClassName: "gvisor" } },
    nodes: [{ metadata: { name: "n" }, status: { nodeInfo: { kernelVersion: "6.6.1" } } }],
  };

  it("compares the pod's kernel with its node's", async () => {
    assert.equal(
      await result(sandboxed, {}, more, [{ release: "4.4.0", node: "n" }]),
      "passed gvisor: kernel 4.4.0, and 6.6.1 on its node",
    );
    assert.match(
      await result(sandboxed, {}, more, [{ release: "6.6.1", node: "n" }]),
      /^failed the pod has its node's own kernel 6\.6\.1/,
    );
  });

  it("asks for the node that was added for the pod", async () => {
    const objects = { "nodes/new": { status: { nodeInfo: { kernelVersion: "6.6.2" } } } };
    assert.match(
      await result(sandboxed, objects, more, [{ release: "4.4.0", node: "new" }]),
      /^passed .*6\.6\.2/,
    );
  });

  it("has the kernel's version from the pod's program", async () => {
    const dir = mkdtempSync(join(tmpdir(), "kernel-"));
    try {
      const log = join(dir, "log");
      const text = kernel.replaceAll("/dev/termination-log", log);
      const { code, stderr } = await run(process.execPath, ["-e", text], { env: { NODE: "n" } });
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(readFileSync(log, "utf8")), { release: release(), node: "n" });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe("verify of the way in", () => {
  const address = { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } };
  const route = (...conditions: [type: string, status: string][]): Route => ({
    spec: { hostnames: ["ralph.example.com"] },
    status: {
      parents: [{ conditions: conditions.map(([type, status]) => ({ type, status, message: "why" })) }],
    },
  });

  it("needs an address and a gateway's consent", () => {
    assert.match(notAdmitted({ spec: {} }, undefined) ?? "", /^no controller has given/);
    assert.equal(notAdmitted({ status: address }, undefined), undefined);
    assert.equal(notAdmitted(undefined, route(["Accepted", "True"], ["ResolvedRefs", "True"])), undefined);
    assert.equal(
      notAdmitted(undefined, route(["Accepted", "True"], ["ResolvedRefs", "False"])),
      "the HTTPRoute is not ResolvedRefs: why",
    );
    assert.equal(notAdmitted(undefined, route()), "no gateway has accepted the HTTPRoute");
  });

  it("asks by HTTPS where a host has a certificate", () => {
    const spec = {
      tls: [{ hosts: ["safe.example.com"] }],
      rules: [{ host: "plain.example.com" }, { host: "safe.example.com" }, { host: "*.example.com" }, {}],
    };
    assert.deepEqual(pages({ spec }, undefined), ["https://safe.example.com", "http://plain.example.com"]);
    assert.deepEqual(pages(undefined, route()), ["https://ralph.example.com"]);
  });

  const ANSWERS: [what: string, answer: Parameters<typeof judgeAnswer>[1], expected: RegExp][] = [
    [
      "an expired certificate",
      { code: "CERT_HAS_EXPIRED" },
      /^failed the certificate of .* CERT_HAS_EXPIRED$/,
    ],
    ["another host's", { code: "ERR_TLS_CERT_ALTNAME_INVALID" }, /^failed the certificate/],
    ["a controller's own", { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }, /^failed the certificate/],
    ["a private network", { code: "ENOTFOUND" }, /^skipped admitted; this machine does not reach/],
    ["a login", { status: 302, text: "" }, /^passed/],
  ];
  for (const [what, answer, expected] of ANSWERS)
    it(`tells ${what} apart`, () => {
      const { outcome, detail } = judgeAnswer("https://ralph.example.com", answer);
      assert.match(`${outcome} ${detail}`, expected);
    });

  const SERVED: [what: string, status: number, text: string, expected: RegExp][] = [
    [
      "the page without metrics",
      404,
      "not found\n",
      /^passed http:\/\/127\.0\.0\.1:\d+ answers; metrics: 404$/,
    ],
    ["metrics", 200, "# HELP ralph_prompts x\nralph_prompts 1\n", /^failed .*\/metrics shows the metrics$/],
    ["a controller without a pod", 503, "", /^failed .* answers 503: its controller reaches no pod$/],
  ];
  for (const [what, status, text, expected] of SERVED)
    it(`meets ${what}`, async () => {
      const server = createServer((_, answer) => answer.writeHead(status).end(text));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      try {
        const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        const ingress = { status: address, spec: { rules: [{ host }] } };
        assert.match(await result(wayIn, { "ingresses/ralph-orchestrator": ingress }), expected);
      } finally {
        server.close();
      }
    });

  it("does not accept a certificate that no authority has signed", async () => {
    const dir = mkdtempSync(join(tmpdir(), "way-in-"));
    const server = createTlsServer(selfSigned(dir, "IP:127.0.0.1"), (_, answer) => answer.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const ingress = { status: address, spec: { tls: [{ hosts: [host] }], rules: [{ host }] } };
      assert.match(
        await result(wayIn, { "ingresses/ralph-orchestrator": ingress }),
        /^failed the certificate of https:.* is not valid: DEPTH_ZERO_SELF_SIGNED_CERT$/,
      );
    } finally {
      server.close();
      rmSync(dir, { recursive: true });
    }
  });
});
