import type { V1Ingress } from "@kubernetes/client-node";

import { ENDPOINTS } from "../../../runner/src/contract";
import { RALPH } from "../../../workload/names";
import { unlessAbsent } from "../../cluster/client";
import type { Condition } from "../../cluster/conditions";
import { type Check, failed, passed, type Result, skipped } from "../types";

const PATIENCE = 10_000;

/** https://gateway-api.sigs.k8s.io/reference/spec/#httproutestatus */
export interface Route {
  readonly spec?: { readonly hostnames?: readonly string[] };
  readonly status?: {
    readonly parents?: readonly {
      readonly conditions?: readonly Condition[];
    }[];
  };
}

/** As a browser of this machine meets it: by the public name, with the certificate checked. */
export const wayIn: Check = {
  name: "way in",
  shows: "the status page has an address, a valid certificate, and no metrics",
  runsPods: false,
  async run({ client, namespace }) {
    const ingress = await unlessAbsent(
      client.get<V1Ingress>(`/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${RALPH}`),
    );
    const route = await unlessAbsent(
      client.get<Route>(`/apis/gateway.networking.k8s.io/v1/namespaces/${namespace}/httproutes/${RALPH}`),
    );
    if (ingress === undefined && route === undefined)
      return skipped("the status page is not published (ralph:ingress, ralph:gateway)");
    const refused = notAdmitted(ingress, route);
    if (refused !== undefined)
      return failed(refused, `kubectl -n ${namespace} describe ingress,httproute ${RALPH}`);
    const [page] = pages(ingress, route);
    if (page === undefined) return skipped("admitted; it has no host by which to ask for it");
    return judgeAnswer(page, await answerOf(`${page}${ENDPOINTS.metrics}`));
  },
};

/** Why no controller leads to the page yet; undefined if one does. */
export function notAdmitted(ingress: V1Ingress | undefined, route: Route | undefined): string | undefined {
  if (ingress !== undefined && (ingress.status?.loadBalancer?.ingress ?? []).length === 0)
    return "no controller has given the Ingress an address";
  if (route === undefined) return undefined;
  const conditions = (route.status?.parents ?? []).flatMap((parent) => parent.conditions ?? []);
  const wrong = conditions.find(({ status }) => status !== "True");
  if (wrong !== undefined) return `the HTTPRoute is not ${wrong.type}: ${wrong.message ?? ""}`;
  return conditions.some(({ type }) => type === "Accepted")
    ? undefined
    : "no gateway has accepted the HTTPRoute";
}

/** Addresses of the page, those with HTTPS first. A route's certificate is its gateway's. */
export function pages(ingress: V1Ingress | undefined, route: Route | undefined): string[] {
  const tls = (ingress?.spec?.tls ?? []).flatMap(({ hosts = [] }) => hosts);
  const named = (ingress?.spec?.rules ?? []).flatMap(({ host }) => host ?? []);
  return [
    ...[...tls, ...(route?.spec?.hostnames ?? [])].map((host) => `https://${host}`),
    ...named.filter((host) => !tls.includes(host)).map((host) => `http://${host}`),
  ].filter((page) => !page.includes("*"));
}

/** An answer, or the code of the error. */
export type Answer = { readonly status: number; readonly text: string } | { readonly code: string };

async function answerOf(url: string): Promise<Answer> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    return { status: answer.status, text: await answer.text() };
  } catch (error) {
    const { name, cause } = error as Error & { readonly cause?: { readonly code?: string } };
    return { code: cause?.code ?? name };
  }
}

/** Node's codes of certificates that it does not accept: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|TLS_/;

export function judgeAnswer(page: string, answer: Answer): Result {
  const ask = `curl -sSv -o /dev/null ${page}`;
  if ("code" in answer)
    return CERTIFICATE.test(answer.code)
      ? failed(`the certificate of ${page} is not valid: ${answer.code}`, ask)
      : skipped(`admitted; this machine does not reach ${page}: ${answer.code}`, ask);
  if (/^ralph_/m.test(answer.text)) return failed(`${page}${ENDPOINTS.metrics} shows the metrics`, ask);
  // A controller answers with these as long as nothing is behind it.
  return [502, 503, 504].includes(answer.status)
    ? failed(`${page} answers ${answer.status}: its controller reaches no pod`, ask)
    : passed(`${page} answers; metrics: ${answer.status}`);
}
