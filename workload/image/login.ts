import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { RegistryLogin } from "../../clusters/types";
import { withLock } from "../../lib/lock";
import { run, type RunResult } from "../../lib/process";
import { commandLine } from "../../lib/shell";

/** In milliseconds, for a program that asks a cloud. */
const ANSWER_WITHIN = 60_000;

/** The parts of Docker's config.json that decide where it looks for a login. */
interface DockerConfig {
  readonly auths?: Readonly<Record<string, object>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

/**
 * Stores a login at a registry where Docker keeps its logins. It is `docker login` without Docker: that one replaces the
 * password by an identity token where a registry issues one, as Azure's does, and the plugin that pushes ignores
 * identity tokens. The password passes through pipes only, never through an argument.
 *
 * @throws with what failed and the command that fixes it
 */
export async function logIn(host: string, login: RegistryLogin): Promise<void> {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const file = join(folder, "config.json");
  const { credHelpers, credsStore } = dockerConfig(file);
  const helper = credHelpers?.[host];
  if (helper !== undefined) {
    // A helper of that one registry issues passwords itself, and stores none.
    const program = `docker-credential-${helper}`;
    const { code, stdout, stderr } = await run(program, ["get"], { input: host, timeout: ANSWER_WITHIN });
    if (code === 0) return;
    throw failure(
      host,
      `${file} names ${program} for it, which failed`,
      { code, stderr: stderr + stdout },
      `log ${helper} in, or remove credHelpers."${host}" from ${file}`,
    );
  }
  const [command, ...args] = login.password;
  const printed = await run(command, args, { timeout: ANSWER_WITHIN });
  const Secret = printed.stdout.trim();
  if (printed.code !== 0 || Secret === "")
    throw failure(host, `\`${commandLine(login.password)}\` printed no password`, printed, login.fix);
  if (credsStore === undefined || credsStore === "") {
    const auth = Buffer.from(`${login.username}:${Secret}`).toString("base64");
    await withLock(
      join(folder, "ralph-login.lock"),
      () => undefined,
      async () => store(folder, file, host, auth),
    );
    return;
  }
  const program = `docker-credential-${credsStore}`;
  const input = JSON.stringify({ ServerURL: host, Username: login.username, Secret });
  const { code, stdout, stderr } = await run(program, ["store"], { input, timeout: ANSWER_WITHIN });
  if (code !== 0)
    throw failure(
      host,
      `${program}, the credsStore of ${file}, did not store the login`,
      { code, stderr: (stderr + stdout).replaceAll(Secret, "[secret]") },
      `remove credsStore from ${file}, or name a helper for the registry in credHelpers."${host}"`,
    );
}

function dockerConfig(file: string): DockerConfig {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, "utf8")) as DockerConfig;
  } catch {
    throw new Error(`${file}, Docker's configuration, is not valid JSON`);
  }
}

/** Other keys stay as they are, and no one reads a file that is half written. */
async function store(folder: string, file: string, host: string, auth: string): Promise<void> {
  const config = dockerConfig(file);
  const text = JSON.stringify({ ...config, auths: { ...config.auths, [host]: { auth } } }, undefined, "\t");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${text}\n`, { mode: 0o600 });
  renameSync(next, file);
}

const failure = (
  host: string,
  what: string,
  { code, stderr }: Omit<RunResult, "stdout">,
  fix: string,
): Error =>
  new Error(
    `Docker has no login at the registry ${host}: ${what} (exit ${code}).\n${stderr.trim()}\n` +
      `If the image has changed, its push is refused. To fix it: ${fix}; then run \`pulumi up\` again`,
  );
