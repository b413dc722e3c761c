/**
 * Whether a program that issues tokens for API servers has a login: `token.ts <program> <folder of the world>
 * [arguments]` ends with 1 and the reason if not.
 */
import { type Account, refusalOf } from "./accounts";
import { option } from "./words";

const [program = "", world = "", ...words] = process.argv.slice(2);

const METHODS: Readonly<Record<string, Account>> = { azurecli: "az", workloadidentity: "workload" };

/** The login that each program uses, by its arguments and its environment. */
const USES: Readonly<Record<string, () => Account | undefined>> = {
  "gke-gcloud-auth-plugin": () =>
    words.includes("--use_application_default_credentials") ? "adc" : "gcloud",
  aws: () => "aws",
  // Its environment overrides the arguments: https://azure.github.io/kubelogin/concepts/login-modes.html
  kubelogin: () => METHODS[process.env.AAD_LOGIN_METHOD ?? option(words, "login") ?? ""],
};

const account = USES[program]?.();
const refusal =
  account === undefined
    ? `${program}: the stand-in knows no such login`
    : refusalOf(account, world, process.env);
if (refusal !== undefined) {
  console.error(refusal);
  process.exitCode = 1;
}
