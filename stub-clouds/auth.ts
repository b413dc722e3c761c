/** Stand-ins for the programs by which a kubeconfig authenticates with a cloud. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Options, transform } from "sucrase";

import { quoted } from "../lib/shell";
import { ASKS } from "./vendor/accounts";

export interface ClientCertificate {
  /** Paths of PEM files. */
  readonly clientCertificate: string;
  readonly clientKey: string;
}

/** Arguments that the real program needs to issue a token. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  "gke-gcloud-auth-plugin": [],
  aws: ["eks", "get-token", "--cluster-name"],
  kubelogin: ["get-token", "--server-id"],
};

/** Programs that list what exists in a cloud: `vendor/` responds for them. */
const QUERIED = ["aws", "az", "gcloud"];

/**
 * Writes the programs into a folder for PATH. Each hands out the certificate, requires the arguments that the real one
 * requires, and records its call in the ledger. If the world has a file `logged-out`, they fail.
 */
export function installAuthentication(
  folder: string,
  world: string,
  client: ClientCertificate | undefined,
): void {
  mkdirSync(folder, { recursive: true });
  if (client !== undefined) {
    const status = {
      clientCertificateData: readFileSync(client.clientCertificate, "utf8"),
      clientKeyData: readFileSync(client.clientKey, "utf8"),
    };
    const credential = { apiVersion: "client.authentication.k8s.io/v1beta1", kind: "ExecCredential", status };
    writeFileSync(join(world, "credential.json"), JSON.stringify(credential), { mode: 0o600 });
  }
  // Strip its types once, so that a run of it takes no longer than Node does to start.
  const vendor = join(world, "vendor");
  mkdirSync(vendor, { recursive: true });
  for (const file of readdirSync(join(__dirname, "vendor"))) {
    const { code } = transform(readFileSync(join(__dirname, "vendor", file), "utf8"), TRANSFORMS);
    writeFileSync(join(vendor, file.replace(/\.ts$/, ".js")), code);
  }
  for (const program of QUERIED) install(folder, program, `#!/bin/sh\n${respond(program, world)}`);
  for (const [program, needed] of Object.entries(PROGRAMS)) {
    // `aws` issues tokens and is also queried.
    const queries = QUERIED.includes(program) ? respond(program, world) : "";
    install(folder, program, script(program, needed, world, queries));
  }
}

const LOADER = require.resolve("../boot/loader.js");
const TRANSFORMS: Options = { transforms: ["typescript", "imports"] };

/** What `--version` prints: the component of @pulumi/eks reads that of `aws`. */
const versionOf = (program: string): string =>
  program === "aws" ? "aws-cli/2.31.13 Python/3.13.7 Linux/6.8.0 exe/x86_64" : `${program} 0.0.0-stub`;

/** Shell words that run a file of `vendor/`. */
const words = (module: string, program: string, world: string): string =>
  [process.execPath, join(world, "vendor", module), program, world].map(quoted).join(" ");

/** Shell lines that respond to everything except a request for a token. */
const respond = (program: string, world: string): string => {
  const source = (file: string, ...args: string[]): string =>
    [process.execPath, "-r", LOADER, join(__dirname, file), ...args].map(quoted).join(" ");
  return `[ "$1" = --version ] && { echo ${quoted(versionOf(program))}; exit 0; }
case " $* " in
  *" get-token "*) ;;
  *" print-access-token "*|*" get-login-password "*|*" acr login "*) exec ${words("logins.js", program, world)} "$@" ;;
  *" wait nodegroup-active "*|*" wait cluster-active "*|*" describe-nodegroup "*|*" describe-addon-versions "*|*" ssm get-parameter "*|*" update-nodegroup-config "*|*" update-cluster-config "*)
    NODE_NO_WARNINGS=1 exec ${source("aws/node-groups.ts", world)} "$@" ;;
  *" delete "*|*" delete-"*|*" detach-"*|*" release-"*|*" terminate-"*|*" wait "*)
    NODE_NO_WARNINGS=1 exec ${source("removal/index.ts", program, world)} "$@" ;;
  *) exec ${words("index.js", program, world)} "$@" ;;
esac
`;
};

function install(folder: string, program: string, text: string): void {
  const file = join(folder, program);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

const script = (
  program: string,
  needed: readonly string[],
  world: string,
  queries: string,
): string => `#!/bin/sh
# Stand-in for ${program}: see stub-clouds/README.md.
${queries}note() {
  printf '{"time":"%s","pid":%s,"plugin":"${program}","method":"Token","outcome":"%s"}\\n' \\
    "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" $$ "$1" >>${quoted(join(world, "ledger.jsonl"))}
}
refuse() {
  note refused
  echo "${program}: $1" >&2
  exit 1
}
[ "$1" = --version ] && { echo ${quoted(versionOf(program))}; exit 0; }
for word in ${needed.join(" ")}; do
  case " $* " in *" $word "*) ;; *) refuse "the argument $word is missing: $*" ;; esac
done
case "$KUBERNETES_EXEC_INFO" in
  *client.authentication.k8s.io/v1beta1*) ;;
  *) refuse "expected API version v1beta1" ;;
esac
[ -e ${quoted(join(world, "logged-out"))} ] && refuse "not logged in"
if [ -e ${quoted(join(world, ASKS))} ]; then
  reason=$(${words("token.js", program, world)} "$@" 2>&1) || refuse "$reason"
fi
[ -e ${quoted(join(world, "credential.json"))} ] || refuse "this world has no cluster"
note ok
exec cat ${quoted(join(world, "credential.json"))}
`;
