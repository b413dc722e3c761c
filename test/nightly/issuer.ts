import assert from "node:assert/strict";
import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { selfSigned } from "../support/self-signed";

/** As which oauth2-proxy is known to it. */
export const CLIENT = { id: "ralph", secret: "canary-client-secret" };

/** A stand-in of an OpenID Connect issuer on loopback, for one user at a time. */
export class Issuer {
  user: { readonly email: string; readonly nonce: string | undefined } = { email: "", nonce: undefined };
  private readonly keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

  private constructor(
    private readonly server: Server,
    readonly certificate: string,
  ) {}

  /** @param folder for its certificate, `ca.crt` */
  static async start(folder: string): Promise<Issuer> {
    const { key, cert } = selfSigned(folder, "DNS:localhost");
    const server = createServer({ key, cert });
    const issuer = new Issuer(server, cert);
    server.on("request", (request, response) => {
      void text(request).then((body) => response.end(JSON.stringify(issuer.answer(request.url ?? "", body))));
      response.setHeader("Content-Type", "application/json");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  get address(): string {
    return `https://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(path: string, body: string): object {
    const { address } = this;
    switch (path) {
      case "/.well-known/openid-configuration":
        return {
          ...{ issuer: address, authorization_endpoint: `${address}/authorize` },
          ...{ token_endpoint: `${address}/token`, jwks_uri: `${address}/keys` },
          ...{ response_types_supported: ["code"], subject_types_supported: ["public"] },
          id_token_signing_alg_values_supported: ["RS256"],
        };
      case "/keys":
        return {
          keys: [{ ...this.keys.publicKey.export({ format: "jwk" }), kid: "k", use: "sig", alg: "RS256" }],
        };
      case "/token": {
        const asked = new URLSearchParams(body);
        assert.equal(asked.get("code"), "code");
        assert.ok(asked.get("code_verifier"));
        return { access_token: "a", token_type: "Bearer", expires_in: 3600, id_token: this.token() };
      }
      default:
        throw new Error(`the stand-in of the issuer has no ${path}`);
    }
  }

  private token(): string {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      ...{ iss: this.address, aud: CLIENT.id, sub: this.user.email, iat: now, exp: now + 3600 },
      ...{ email: this.user.email, email_verified: true, nonce: this.user.nonce },
    };
    const signed = `${encode({ alg: "RS256", kid: "k" })}.${encode(claims)}`;
    return `${signed}.${createSign("RSA-SHA256").update(signed).sign(this.keys.privateKey, "base64url")}`;
  }
}
