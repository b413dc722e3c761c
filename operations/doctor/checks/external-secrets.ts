import { objectName } from "../pods";
import { check } from "../types";

/** Secrets from a store whose values have not arrived, or are no longer read. */
export const externalSecrets = check({
  name: "external Secrets",
  needs: ["externalSecrets"],
  look({ externalSecrets: all }, { kubectl }) {
    return all.flatMap((each) => {
      const ready = each.status?.conditions?.find(({ type }) => type === "Ready");
      if (ready?.status === "True") return [];
      const { name, kind = "SecretStore" } = each.spec?.secretStoreRef ?? {};
      const store = `${kind.toLowerCase()} ${name ?? "<store>"}`;
      const object = objectName("ExternalSecret", each);
      const describe = kubectl(`describe externalsecret ${each.metadata?.name ?? ""}`);
      return ready === undefined
        ? [
            {
              object,
              what: "has no status",
              cause:
                "No controller has read it: External Secrets is not installed, or its controller is down.",
              fix: ["kubectl get pods -A -l app.kubernetes.io/name=external-secrets", describe],
            },
          ]
        : [
            {
              object,
              what: `${ready.reason ?? "not Ready"}: ${ready.message ?? "without a message"}`,
              cause:
                "The store refuses, or has no secret of that name. Pods keep the last value, which may have been revoked.",
              fix: [describe, kubectl(`describe ${store}`)],
            },
          ];
    });
  },
});
