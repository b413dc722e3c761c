import type { Context } from "../types";

const ROLE = "aws:iam/role:Role";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: { readonly Service?: string | readonly string[] };
}

/** Whether a service may assume a role by all of these actions. */
export function trusts(
  { find }: Pick<Context, "find">,
  roleArn: unknown,
  service: string,
  actions: readonly string[],
): boolean {
  const policy = JSON.parse(String(find(ROLE, roleArn)?.inputs.assumeRolePolicy ?? "{}")) as {
    readonly Statement?: readonly Statement[];
  };
  return (policy.Statement ?? []).some(
    ({ Effect, Action, Principal }) =>
      Effect === "Allow" &&
      [Principal?.Service].flat().includes(service) &&
      actions.every((action) => [Action].flat().includes(action)),
  );
}

/** What EKS says of the role of pods: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
export const podRole = (context: Pick<Context, "find">, roleArn: unknown): readonly string[] =>
  trusts(context, roleArn, "pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"])
    ? []
    : [
        // https://github.com/hashicorp/terraform-provider-aws/issues/41483
        "Trust policy of the role provided is invalid. Follow the official documentation to resolve the issue.",
      ];

/** Whether a managed policy of AWS is attached to a role. */
export const hasPolicy = ({ find }: Pick<Context, "find">, roleArn: unknown, policy: string): boolean =>
  find(ATTACHMENT, `${find(ROLE, roleArn)?.inputs.name}/arn:aws:iam::aws:policy/${policy}`) !== undefined;
