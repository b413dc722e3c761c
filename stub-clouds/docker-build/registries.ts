/** The registries that an image is pushed to, as far as they let a client in. */
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Registries that accept passwords of one program, and what they answer without one. */
const CLOUDS = [
  {
    host: /-docker\.pkg\.dev$/,
    program: "gcloud",
    // https://github.com/pulumi/pulumi-docker-build/issues/657
    refusal: (image: string) =>
      `denied: Unauthenticated request. Unauthenticated requests do not have permission "artifactregistry.repositories.uploadArtifacts" on resource "${image}" (or it may not exist)`,
  },
  {
    host: /\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com$/,
    program: "aws",
    // https://github.com/pulumi/pulumi-docker-build/issues/241
    refusal: (image: string) =>
      `failed to push ${image}: unexpected status: 401 Unauthorized: no basic auth credentials`,
  },
  {
    host: /\.azurecr\.io$/,
    program: "az",
    // https://aka.ms/acr/authorization
    refusal: () =>
      "unauthorized: authentication required, visit https://aka.ms/acr/authorization for more information.",
  },
];

/** A login as Docker's configuration has it. */
interface Login {
  readonly auth?: string;
  readonly identitytoken?: string;
}

/**
 * The passwords that the plugin has from its start to its end: it reads Docker's logins once, when it is configured, and
 * ignores identity tokens (`newHost` and `wrap` in provider/internal of pulumi/pulumi-docker-build).
 */
export function readLogins(): Readonly<Record<string, string>> {
  const file = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  if (!existsSync(file)) return {};
  const { auths = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    auths?: Readonly<Record<string, Login>>;
  };
  return Object.fromEntries(
    Object.entries(auths).map(([host, { auth = "" }]) => [
      host,
      Buffer.from(auth, "base64").toString().split(/:(.*)/s)[1] ?? "",
    ]),
  );
}

/** Why the registry of an image refuses a push, in its own words. */
export function refusals(image: string, world: string, logins: Readonly<Record<string, string>>): string[] {
  const [host = ""] = image.split("/");
  const password = logins[host] ?? "";
  const cloud = CLOUDS.find((each) => each.host.test(host));
  if (cloud === undefined)
    return password === "" ? [`failed to push ${image}: unexpected status: 401 Unauthorized`] : [];
  const file = join(world, "passwords");
  const valid = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  return password.startsWith(`${cloud.program}-`) && valid.includes(password) ? [] : [cloud.refusal(image)];
}
