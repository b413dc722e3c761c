import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import { Role, RoleBinding } from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";
import { ROLE, ROLE_BINDING } from "../names";
import type { Scope } from "../scope";

const READ = ["get", "list", "watch"];

/** The pods' service account and its read permissions (guide, RBAC). By default no pod gets a token. */
export function rbac({ name, namespace, config, granted, metadata, options }: Scope): pulumi.Resource[] {
  const { create, name: accountName, labels, automountToken } = config.serviceAccount;
  const annotations = { ...config.serviceAccount.annotations, ...granted };
  const own = metadata(accountName);
  const account = create
    ? [
        new ServiceAccount(
          `${name}-sa`,
          {
            metadata: {
              ...own,
              labels: { ...labels, ...own.labels },
              ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
            },
            automountServiceAccountToken: automountToken,
          },
          options(),
        ),
      ]
    : [];
  const role = new Role(
    `${name}-role`,
    {
      metadata: metadata(ROLE),
      rules: [
        { apiGroups: [""], resources: ["configmaps", "secrets"], verbs: READ },
        { apiGroups: [""], resources: ["pods", "pods/log"], verbs: READ },
      ],
    },
    options(),
  );
  const binding = new RoleBinding(
    `${name}-rolebinding`,
    {
      metadata: metadata(ROLE_BINDING),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: ROLE },
      subjects: [{ kind: "ServiceAccount", name: accountName, namespace }],
    },
    options({ dependsOn: [...account, role] }),
  );
  return [...account, role, binding];
}
