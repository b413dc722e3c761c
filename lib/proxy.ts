import { covers } from "./cidr";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address by the variables HTTPS_PROXY, HTTP_PROXY and NO_PROXY, by the same rules as kubectl, Helm and
 * Pulumi (golang.org/x/net/http/httpproxy): loopback addresses never go through one.
 */
export function proxyFor(address: string, env: Environment = process.env): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const of = (name: string): string => env[name] || env[name.toLowerCase()] || "";
  const proxy = of(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY");
  if (proxy === "" || isDirect(url, of("NO_PROXY"))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isDirect({ hostname, port, protocol }: URL, exceptions: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[(.*)\]$/, "$1");
  if (host === "localhost" || covers("127.0.0.0/8", host) || covers("::1", host)) return true;
  const at = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return exceptions
    .toLowerCase()
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .some((text) => text === "*" || matches(text, host, at));
}

/** One exception: a range, or a name or address with or without a port. A name also stands for those below it. */
function matches(text: string, host: string, port: string): boolean {
  if (covers(text, host)) return true;
  const [, name = "", own = port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text) ?? [];
  const bare = name.replace(/^\[(.*)\]$/, "$1").replace(/^\*/, "");
  if (own !== port || bare === "") return false;
  return bare.startsWith(".") ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`);
}
