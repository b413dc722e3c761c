/** Proves how a GKE cluster's API server is reached: by which address, which certificate and whose credentials. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { only, PLUGIN, PUBLIC, run, TYPE, withPrograms } from "../support/gke";
import { type StackRun, valueOf } from "../support/stack";

describe("the GKE cluster", () => {
  withPrograms();
  let defaults: StackRun;
  before(async () => (defaults = await run()));

  describe("access to its API server", () => {
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1beta1",
      interactiveMode: "Never",
      command: PLUGIN,
      args: ["--use_application_default_credentials"],
      installHint:
        "gcloud components install gke-gcloud-auth-plugin, or apt-get install google-cloud-cli-gke-gcloud-auth-plugin",
      provideClusterInfo: true,
      env: [],
    };
    const kubeconfig = (cluster: object, args = exec.args) => ({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "ralph-cluster",
      contexts: [{ name: "ralph-cluster", context: { cluster: "ralph-cluster", user: "ralph-cluster" } }],
      clusters: [{ name: "ralph-cluster", cluster }],
      users: [{ name: "ralph-cluster", user: { exec: { ...exec, args } } }],
    });
    const dns = { server: "https://gke-1a2b.us-central1-a.gke.goog" };
    const of = async (result: StackRun) =>
      JSON.parse(await valueOf<string>(result.outputs.kubeconfig)) as unknown;

    it("is the DNS endpoint with its public certificate, where IAM authorizes first", async () => {
      assert.deepEqual(await of(defaults), kubeconfig(dns));
    });

    it("is the IP address, for some ranges", async () => {
      const cidrs = ["203.0.113.0/24", "198.51.100.7/32"];
      const result = await run({ api: { cidrs } });
      assert.deepEqual(
        await of(result),
        kubeconfig({ server: "https://34.1.2.3", "certificate-authority-data": "Q0E=" }),
      );
      const { inputs } = only(result, TYPE.cluster);
      assert.deepEqual(inputs.masterAuthorizedNetworksConfig, {
        cidrBlocks: cidrs.map((cidrBlock) => ({ cidrBlock })),
        gcpPublicCidrsAccessEnabled: false,
      });
      assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
        dnsEndpointConfig: { allowExternalTraffic: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.deepEqual(inputs.privateClusterConfig, {
        enablePrivateNodes: true,
        enablePrivateEndpoint: false,
      });
    });

    it("is the private address only, which connected networks may use", async () => {
      const result = await run({ api: { private: true } });
      assert.deepEqual(
        await of(result),
        kubeconfig({ server: "https://34.1.2.3", "certificate-authority-data": "Q0E=" }),
      );
      const { inputs } = only(result, TYPE.cluster);
      assert.deepEqual(inputs.masterAuthorizedNetworksConfig, {
        cidrBlocks: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map((cidrBlock) => ({ cidrBlock })),
        gcpPublicCidrsAccessEnabled: false,
      });
      assert.deepEqual(inputs.controlPlaneEndpointsConfig, {
        dnsEndpointConfig: { allowExternalTraffic: false },
        ipEndpointsConfig: { enabled: true },
      });
      assert.deepEqual(inputs.privateClusterConfig, {
        enablePrivateNodes: true,
        enablePrivateEndpoint: true,
      });
    });

    it("uses gcloud's credentials if configured", async () => {
      assert.deepEqual(await of(await run({ ...PUBLIC, credentials: "gcloud" })), kubeconfig(dns, []));
    });

    it("is secret, and the provider follows the cluster by its link", async () => {
      assert.equal(await pulumi.isSecret(defaults.outputs.kubeconfig as pulumi.Output<string>), true);
      const provider = only(defaults, TYPE.provider);
      assert.deepEqual(provider.secret, ["kubeconfig"]);
      assert.match(provider.inputs.clusterIdentifier, /\/clusters\/ralph-cluster$/);
    });
  });

  it("can be previewed before any of its outputs is known", async () => {
    const result = await run(PUBLIC, {}, { preview: true });
    assert.deepEqual(
      result.resources.map(({ urn }) => urn).sort(),
      defaults.resources.map(({ urn }) => urn).sort(),
    );
  });
});
