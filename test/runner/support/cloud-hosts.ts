/**
 * Stand-ins of the endpoints of Google Cloud and Azure, under their own names: programs reach them through a proxy, which
 * knows these hosts alone. A call of a model needs the token that its cloud issued, and goes on to a ModelApi.
 */
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { createServer as createSecure } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { selfSigned } from "../../support/self-signed";
import type { ModelApi } from "./model-api";

/** What each cloud answers to the identity of a pod. */
export const ISSUED = { google: "ya29.canary-google", azure: "eyJ0.canary-azure" } as const;

export class CloudHosts {
  /** Hosts that were asked for, in their order, those that do not exist here too. */
  readonly connected: string[] = [];
  /** Requests for a token: what the pod's identity was proved with, and for which use. */
  readonly logins: Readonly<Record<string, string>>[] = [];
  /** Paths of the models that the project has enabled. */
  enabled = /./;
  private readonly proxy: Server;
  private readonly secure: ReturnType<typeof createSecure>;

  private constructor(
    folder: string,
    private readonly models: Readonly<Record<string, keyof typeof ISSUED>>,
    private readonly api: ModelApi,
  ) {
    const names = [...Object.keys(models), LOGIN];
    const { key, cert, files } = selfSigned(folder, ...names.map((name) => `DNS:${name}`));
    this.authority = files.cert;
    this.secure = createSecure({ key, cert }, (request, response) => void this.answer(request, response));
    this.proxy = createServer((request, response) => this.metadata(request, response));
    this.proxy.on("connect", ({ url = "" }, socket) => {
      const host = url.replace(/:443$/, "");
      this.connected.push(host);
      if (!names.includes(host)) return void socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      this.secure.emit("connection", socket);
    });
  }

  /** The file with the authority of all hosts. */
  readonly authority: string;

  /** @param models hosts of models, each with the cloud whose token it needs @param api answers for them */
  static async start(
    folder: string,
    models: Readonly<Record<string, keyof typeof ISSUED>>,
    api: ModelApi,
  ): Promise<CloudHosts> {
    const hosts = new CloudHosts(folder, models, api);
    await new Promise<void>((resolve) => hosts.proxy.listen(0, "127.0.0.1", resolve));
    return hosts;
  }

  /** Of the proxy, which is the metadata server too. */
  get address(): string {
    return `127.0.0.1:${(this.proxy.address() as AddressInfo).port}`;
  }

  get variables(): NodeJS.ProcessEnv {
    const proxy = `http://${this.address}`;
    return {
      ...{ HTTPS_PROXY: proxy, https_proxy: proxy, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" },
      NODE_EXTRA_CA_CERTS: this.authority,
    };
  }

  async stop(): Promise<void> {
    this.proxy.closeAllConnections();
    this.secure.closeAllConnections();
    await new Promise((resolve) => this.proxy.close(resolve));
  }

  /** https://cloud.google.com/compute/docs/metadata/overview, and GKE's, which serves the same paths */
  private metadata({ url = "", headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(url, "http://metadata");
    if (headers["metadata-flavor"] !== "Google") return void response.writeHead(403).end();
    response.setHeader("Metadata-Flavor", "Google");
    if (!/\/service-accounts\/default\/token$/.test(pathname)) {
      const known = /^\/computeMetadata\/v1\/(instance|project\/project-id)\/?$/.test(pathname);
      return void response.writeHead(known ? 200 : 404).end(known ? "acme-cluster" : "");
    }
    this.logins.push({ path: pathname });
    json(response, 200, { access_token: ISSUED.google, expires_in: 3599, token_type: "Bearer" });
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = "", headers } = request;
    const host = headers.host ?? "";
    const body = await text(request);
    if (host === LOGIN) return this.login(url, body, response);
    const cloud = this.models[host];
    if (cloud === undefined || headers.authorization !== `Bearer ${ISSUED[cloud]}`)
      return json(response, 401, {
        error: { code: 401, message: "Unauthorized", status: "UNAUTHENTICATED" },
      });
    if (!this.enabled.test(url))
      return json(response, 404, {
        error: { code: 404, message: "Publisher Model not found", status: "NOT_FOUND" },
      });
    const onward = forward(`${this.api.url}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.end(body);
  }

  /** https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow (federated credential) */
  private login(url: string, body: string, response: ServerResponse): void {
    const [, tenant = "", rest = ""] = /^\/([^/]+)\/(.*?)(\?|$)/.exec(url) ?? [];
    const base = `https://${LOGIN}/${tenant}`;
    if (rest === "discovery/instance")
      return json(response, 200, {
        tenant_discovery_endpoint: `${base}/v2.0/.well-known/openid-configuration`,
        "api-version": "1.1",
        metadata: [{ preferred_network: LOGIN, preferred_cache: "login.windows.net", aliases: [LOGIN] }],
      });
    if (rest === "v2.0/.well-known/openid-configuration")
      return json(response, 200, {
        token_endpoint: `${base}/oauth2/v2.0/token`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        issuer: `${base}/v2.0`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      });
    if (rest !== "oauth2/v2.0/token") return json(response, 404, {});
    this.logins.push({ tenant, ...Object.fromEntries(new URLSearchParams(body)) });
    json(response, 200, { access_token: ISSUED.azure, expires_in: 3599, token_type: "Bearer" });
  }
}

/** What the webhook of Azure Workload Identity sets AZURE_AUTHORITY_HOST to. */
const LOGIN = "login.microsoftonline.com";

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
