import { createHash } from "node:crypto";
import { Role } from "@pulumi/aws/iam/role";
import { RolePolicyAttachment } from "@pulumi/aws/iam/rolePolicyAttachment";
import * as pulumi from "@pulumi/pulumi";

interface ServiceRoleArgs {
  readonly service: string;
  readonly description: string;
  /** The id names the attachment: it is the same in every partition. */
  readonly managedPolicyArns: readonly { readonly id: string; readonly arn: pulumi.Input<string> }[];
  readonly tags: pulumi.Inputs[string];
  readonly assumeRoleActions: readonly string[];
}

/** https://github.com/pulumi/pulumi-eks/blob/v4.3.0/nodejs/eks/servicerole.ts */
export class ServiceRole extends pulumi.ComponentResource {
  readonly role: Role;
  /** The role, once its policies are attached. */
  readonly withPolicies: pulumi.Output<Role>;

  constructor(name: string, args: ServiceRoleArgs, opts: pulumi.ComponentResourceOptions) {
    super("eks:index:ServiceRole", name, args, opts);
    const { service, description, managedPolicyArns, tags, assumeRoleActions } = args;
    const role = new Role(
      `${name}-role`,
      {
        description,
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Action: assumeRoleActions, Effect: "Allow", Principal: { Service: [service] } }],
        }),
        tags,
      },
      { parent: this },
    );
    const attachments = managedPolicyArns.map(
      ({ id, arn }) =>
        new RolePolicyAttachment(
          `${name}-${createHash("sha1").update(id).digest("hex").slice(0, 8)}`,
          { policyArn: arn, role },
          { parent: this },
        ),
    );
    this.role = role;
    this.withPolicies = pulumi.all([role.arn, ...attachments.map(({ id }) => id)]).apply(() => role);
    this.registerOutputs({ resolvedRole: this.withPolicies, directRole: role });
  }
}
