/**
 * Proves what `./ralphctl leaks` reports, against programs that answer from an inventory as gcloud, aws and az do:
 * everything of a stack with the command that removes it, nothing of another stack, and that "could not look" is
 * never mistaken for "nothing exists"; and that what a vendor's lists have after its deletion is not reported.
 */
import assert from "node:assert/strict";

import { clusterExists, findBlockers, findLeaks } from "../../operations/leaks";
import { AKS, aws, EKS, GKE, GROUPS, had, ofNodes, type Properties, tagged, thing } from "./leaks/cases";
import { useWorld } from "./leaks/world";

describe("leftovers on aks, by their place", () => {
  const { clouds } = useWorld();
  const [group, nodes] = AKS.left.map(({ is }) => is);
  const contents = ["virtualMachineScaleSets", "loadBalancers", "publicIPAddresses"].map(ofNodes);
  const known = [AKS.cluster, group ?? assert.fail()].map(({ id, token, outputs }) => ({
    ...{ urn: id, type: token, custom: true, outputs },
    id: id.replace("resourceGroups", "resourcegroups"), // as AKS itself spells them
  }));

  it("do not include what AKS has created for a living cluster, whose tags are the stack's", async () => {
    await clouds.edit(() => [AKS.cluster, group ?? assert.fail(), nodes ?? assert.fail(), ...contents]);
    assert.deepEqual((await findLeaks(AKS.place, known)).leftovers, []);
  });

  it("do not include what is in a group that is left over itself", async () => {
    await clouds.edit(() => [nodes ?? assert.fail(), ...contents]);
    const { leftovers } = await findLeaks(AKS.place);
    assert.deepEqual(
      leftovers.map(({ id }) => id),
      [`${GROUPS}/MC_ralph`],
    );
  });

  it("are looked for in the subscription of the state, if the stack's configuration names none", async () => {
    await clouds.edit(() => AKS.left.map(({ is }) => is));
    const { leftovers } = await findLeaks({ ...AKS.place, provider: {} }, known);
    assert.match(leftovers[0]?.remove[0] ?? "", / --subscription s$/);
  });
});

for (const given of [GKE, EKS, AKS]) {
  const { place, left, others, cluster, program, logIn } = given;
  describe(`leftovers on ${place.cloud}`, () => {
    const { clouds, dir, path } = useWorld();

    it("are all reported, each with the commands that remove it, and nothing of another stack", async () => {
      await clouds.edit(() => [...others, ...left.map(({ is }) => is)]);
      const { leftovers, unseen } = await findLeaks(place, [], had(given));
      const byId = (x: { id: string; what: string }, y: { id: string; what: string }): number =>
        `${x.id} ${x.what}`.localeCompare(`${y.id} ${y.what}`);
      const wanted = left.map(({ named: [what, id, ...remove] }) => ({ what, id, remove }));
      assert.deepEqual([...leftovers].sort(byId), wanted.sort(byId));
      assert.deepEqual(unseen, []);
    });

    it("are not what the vendor's lists still have after its deletion", async () => {
      const ghosts = left.map(({ is }) => ({ ...is, ghost: true }));
      await clouds.edit(() => [...others, ...ghosts]);
      const { leftovers, unseen } = await findLeaks(place, [], had(given));
      assert.deepEqual([leftovers, unseen], [[], []]);
    });

    it("are none if nothing is left", async () => {
      await clouds.edit(() => [...others]);
      const { leftovers, unseen, looked } = await findLeaks(place);
      assert.deepEqual([leftovers, unseen], [[], []]);
      assert.ok(looked.length > 1);
    });

    it("do not include what a running stack has in its state, or what its cluster has created", async () => {
      const all = [cluster, ...left.map(({ is }) => is)];
      await clouds.edit(() => all);
      const known = all
        .filter(({ outputs }) => !/^(pvc|k8s|allow|vol-|sg-|eni-|MC_)|pvc-/.test(String(outputs.name)))
        .map(({ id, token, outputs }) => ({ urn: id, type: token, custom: true, id, outputs }));
      assert.ok(known.length < all.length);
      assert.deepEqual((await findLeaks(place, known)).leftovers, []);
    });

    it("are unknown without a login or without the program, and the report says why and what to do", async () => {
      clouds.logOut(true);
      const out = await findLeaks(place);
      clouds.logOut(false);
      assert.deepEqual([out.leftovers, out.looked], [[], []]);
      assert.ok(out.unseen.length > 0);
      for (const { reason, fix } of out.unseen)
        assert.deepEqual([reason, fix], [`${program}: not logged in`, logIn]);

      process.env.PATH = dir;
      const absent = await findLeaks(place);
      process.env.PATH = clouds.environment(path).PATH;
      assert.deepEqual([absent.leftovers, absent.looked], [[], []]);
      for (const { reason, fix } of absent.unseen) {
        assert.equal(reason, `${program} is not on PATH`);
        assert.match(fix, /^https:/);
      }
    });

    it("are separate from the cluster, which exists, does not exist, or cannot be looked up", async () => {
      await clouds.edit(() => [cluster, ...left.map(({ is }) => is)]);
      assert.equal(await clusterExists(place), true);
      await clouds.edit(() => []);
      assert.equal(await clusterExists(place), false);
      clouds.logOut(true);
      const unseen = await clusterExists(place);
      clouds.logOut(false);
      assert.deepEqual(unseen, { about: "cluster", reason: `${program}: not logged in`, fix: logIn });
    });
  });
}

describe("what blocks the deletion of a VPC", () => {
  const { clouds } = useWorld();

  it("is named, with a command only if a service created it unasked", async () => {
    const vpcId = "vpc-1";
    const vpc = tagged("aws:ec2/vpc:Vpc", vpcId);
    const group = (id: string, name: string, tags: Properties = {}) =>
      thing("aws:ec2/securityGroup:SecurityGroup", id, { vpcId, name, tags });
    const guardDuty = { GuardDutyManaged: "true" };
    await clouds.edit(() => [
      vpc,
      thing("aws:ec2/vpcEndpoint:VpcEndpoint", "vpce-1", {
        vpcId,
        serviceName: "com.amazonaws.us-west-2.guardduty-data",
        tags: guardDuty,
      }),
      thing("aws:ec2/networkInterface:NetworkInterface", "eni-7", { vpcId, description: "of another team" }),
      thing("aws:ec2/networkInterface:NetworkInterface", "eni-8", { vpcId: "vpc-2" }),
      group("sg-0", "default"),
      group("sg-1", "GuardDutyManagedSecurityGroup-vpc-1", guardDuty),
      group("sg-2", "of the stack"),
    ]);
    const known = [vpc, group("sg-2", "of the stack")].map(({ id, token, outputs }) => ({
      urn: id,
      type: token,
      custom: true,
      id,
      outputs,
    }));
    assert.deepEqual(await findBlockers(EKS.place, known), [
      {
        what: "VPC endpoint of com.amazonaws.us-west-2.guardduty-data",
        id: "vpce-1",
        remove: [aws("ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-1")],
      },
      { what: "network interface (of another team)", id: "eni-7", remove: [] },
      {
        what: "security group GuardDutyManagedSecurityGroup-vpc-1",
        id: "sg-1",
        remove: [aws("ec2 delete-security-group --group-id sg-1")],
      },
    ]);
  });
});
