import type { CloudOperations, ImportId, Inputs } from "../../operations";

const google =
  (path: (inputs: Inputs, project: string) => string, before = "projects/"): ImportId =>
  (inputs, { place: { provider } }) => {
    const project = (inputs.project as string | undefined) ?? provider.project;
    return project === undefined ? undefined : `${before}${project}/${path(inputs, project)}`;
  };

export const importIds: CloudOperations["importIds"] = {
  "gcp:compute/network:Network": google(({ name }) => `global/networks/${name}`),
  "gcp:compute/subnetwork:Subnetwork": google(({ region, name }) => `regions/${region}/subnetworks/${name}`),
  "gcp:compute/router:Router": google(({ region, name }) => `regions/${region}/routers/${name}`),
  "gcp:compute/routerNat:RouterNat": google(({ region, router, name }) => `${region}/${router}/${name}`, ""),
  "gcp:container/cluster:Cluster": google(({ location, name }) => `locations/${location}/clusters/${name}`),
  "gcp:container/nodePool:NodePool": google(
    ({ location, cluster, name }) => `locations/${location}/clusters/${cluster}/nodePools/${name}`,
  ),
  "gcp:serviceaccount/account:Account": google(
    ({ accountId }, project) => `serviceAccounts/${accountId}@${project}.iam.gserviceaccount.com`,
  ),
  "gcp:projects/service:Service": google(({ service }) => service as string, ""),
  "gcp:projects/iAMMember:IAMMember": ({ project, role, member }) => `${project} ${role} ${member}`,
  "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": ({
    project,
    location,
    repository,
    role,
    member,
  }) => `projects/${project}/locations/${location}/repositories/${repository} ${role} ${member}`,
  "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": ({ cryptoKeyId, role, member }) =>
    `${cryptoKeyId} ${role} ${member}`,
  "gcp:artifactregistry/repository:Repository": google(
    ({ location, repositoryId }) => `locations/${location}/repositories/${repositoryId}`,
  ),
};
