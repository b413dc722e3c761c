import { z } from "zod";
import { findIf, required } from "../../config/findings";
import { matching } from "../../config/formats";
import { LOGIN_KEYS } from "../names";
import { checkInline, existingSecret } from "./existing-secret";
import { gateway } from "./gateway";
import { ingress } from "./ingress";
import { rule, secretText, section, warning } from "./section";

/** Annotations of controllers that let in some users or networks only. */
const RESTRICTS = /auth|middlewares|inbound-cidrs|whitelist|allowlist|internal|scheme$/;

export const login = section({
  enabled: z.boolean().default(false).meta({
    description:
      "If true, oauth2-proxy asks for a login before the published status page. Needs an HTTPS host.",
  }),
  issuer: matching(/^https:\/\/[^\s?#@]+$/, "must be an https:// address")
    .optional()
    .meta({ description: "OpenID Connect issuer, such as https://accounts.google.com." }),
  clientId: z.string().min(1).optional().meta({
    description: "Client ID at the issuer. Its redirect address is https://<host>/oauth2/callback.",
  }),
  clientSecret: secretText.optional().meta({ description: "Secret. Secret of that client." }),
  existingSecret: existingSecret(Object.values(LOGIN_KEYS)),
  emailDomains: z
    .array(matching(/^(\*|[a-z0-9.-]+)$/, "must be a domain, or '*' for everyone who can log in"))
    .default([])
    .meta({ description: "Domains of the users' addresses; `*` for everyone who can log in at the issuer." }),
  image: z
    .string()
    .min(1)
    .default("quay.io/oauth2-proxy/oauth2-proxy:v7.15.6")
    .meta({ description: "Image of oauth2-proxy." }),
})
  .prefault({})
  .meta({ description: "A login for the status page that an Ingress or a route publishes." });

export const rules = [
  rule({ login }, ({ login: { clientSecret, existingSecret: existing } }) =>
    checkInline("login", { clientSecret }, existing),
  ),
  rule({ login, ingress, gateway }, ({ login: given, ...published }) => {
    if (!given.enabled) return [];
    const { issuer, clientId, clientSecret, existingSecret: existing, emailDomains } = given;
    const missing = (key: string, value: string, reason: string) =>
      required(["login", key], { at: ["login", key], value }, reason);
    return [
      ...findIf(issuer === undefined, () =>
        missing("issuer", "https://<issuer>", "it is who asks for the login"),
      ),
      ...findIf(clientId === undefined, () =>
        missing("clientId", "<client ID>", "the issuer knows clients only"),
      ),
      ...findIf(clientSecret === undefined && existing === undefined, () =>
        required(["login", "clientSecret"], "<secret of the client>", "or existingSecret, with the same"),
      ),
      ...findIf(emailDomains.length === 0, () =>
        required(
          ["login", "emailDomains"],
          { at: ["login", "emailDomains", 0], value: "example.com" },
          "without it no one is let in",
        ),
      ),
      ...findIf(!published.ingress.enabled && !published.gateway.enabled, () =>
        required(["ingress", "enabled"], "true", "a login needs an Ingress, or a route, that leads to it"),
      ),
    ];
  }),
];

export const warnings = [
  // A cloud's load balancer is open to the internet by default. Of a controller of the user's, this is not known.
  warning({ login, ingress }, ({ login: { enabled }, ingress: { annotations, ...published } }, traits) =>
    published.enabled &&
    !enabled &&
    (published.className ?? traits.ingress.className) === traits.ingress.className &&
    traits.ingress.from.cidrs.length > 0 &&
    !Object.keys(annotations).some((name) => RESTRICTS.test(name))
      ? [
          "Everyone who reaches the host of the status page can read the names of prompts, and what is wrong: " +
            "pulumi config set --path ralph:login.enabled true",
        ]
      : [],
  ),
];
