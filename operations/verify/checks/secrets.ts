import { unlessAbsent } from "../../cluster/client";
import type { Condition } from "../../cluster/conditions";
import { type Check, type Context, failed, passed, skipped } from "../types";

/** https://external-secrets.io/latest/api/externalsecret/ */
const GROUP = "/apis/external-secrets.io/v1";

interface Conditioned {
  readonly metadata: { readonly name: string };
  readonly status?: {
    readonly conditions?: readonly Condition[];
  };
}

/** What the operator says of the stores and of what it read from them. The Secrets with the values are not read. */
export const secrets: Check = {
  name: "secrets",
  shows: "External Secrets reads the store, and has written each Secret of the stack",
  runsPods: false,
  async run(context) {
    const wanted = await all(context, "externalsecrets");
    if (wanted.length === 0) return skipped("no Secret of the stack is from a store (docs/secrets.md)");
    const found = [
      ...(await all(context, "secretstores")).map((each) => ({ kind: "secretstore", ...each })),
      ...wanted.map((each) => ({ kind: "externalsecret", ...each })),
    ];
    const wrong = found.flatMap(({ kind, metadata: { name }, status }) => {
      const ready = status?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status === "True") return [];
      const why = ready === undefined ? "no operator has read it" : `${ready.reason}: ${ready.message}`;
      return [{ name, why, next: `kubectl -n ${context.namespace} describe ${kind} ${name}` }];
    });
    return wrong.length === 0
      ? passed(`ready: ${found.map(({ metadata }) => metadata.name).join(", ")}`)
      : failed(wrong.map(({ name, why }) => `${name}: ${why}`).join("; "), ...wrong.map(({ next }) => next));
  },
};

const all = async ({ client, namespace }: Context, plural: string): Promise<Conditioned[]> =>
  (await unlessAbsent(client.list<Conditioned>(`${GROUP}/namespaces/${namespace}/${plural}`))) ?? [];
