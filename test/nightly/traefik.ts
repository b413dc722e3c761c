import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { goModule } from "./go-programs";
import { findPatched } from "./patched-program";

export interface Traefik {
  readonly program: string;
  /** The CRDs of Gateway API, of the version that it implements. */
  readonly kinds: string;
}

/** The newest whose modules are all published. */
const TRAEFIK = "github.com/traefik/traefik/v3@v3.6.12";
const GATEWAY_API = "sigs.k8s.io/gateway-api@v1.4.0";
/** Its clients of a hundred DNS services, for certificates of Let's Encrypt, are most of its code. */
const LEFT_OUT: readonly (readonly [text: string, instead: string])[] = [
  ['"github.com/go-acme/lego/v4/providers/dns"', ""],
  ["dns.NewDNSChallengeProviderByName(p.DNSChallenge.Provider)", 'nil, errors.New("no DNS services")'],
];

/**
 * The real Traefik, built once.
 *
 * @returns the reason if it is not available
 */
export async function findTraefik(): Promise<Traefik | string> {
  const gateway = await goModule(GATEWAY_API);
  if (gateway instanceof Error) return gateway.message;
  const found = await findPatched({
    name: "traefik",
    title: TRAEFIK,
    module: TRAEFIK,
    package: "./cmd/traefik",
    pins: [TRAEFIK, LEFT_OUT],
    patch: (source) => {
      const provider = join(source, "pkg", "provider", "acme", "provider.go");
      const text = readFileSync(provider, "utf8");
      writeFileSync(
        provider,
        LEFT_OUT.reduce((rest, [from, to]) => rest.replace(from, to), text),
      );
    },
  });
  return typeof found === "string"
    ? found
    : { program: found.program, kinds: join(gateway, "config", "crd", "standard") };
}
