export const NETWORK = "gcp:compute/network:Network";
export const SUBNETWORK = "gcp:compute/subnetwork:Subnetwork";
export const ROUTER = "gcp:compute/router:Router";
export const CLUSTER = "gcp:container/cluster:Cluster";
export const NODE_POOL = "gcp:container/nodePool:NodePool";
export const ACCOUNT = "gcp:serviceaccount/account:Account";
export const NAT = "gcp:compute/routerNat:RouterNat";
/** GKE's controllers create these for Services and Ingresses. */
export const FIREWALL = "gcp:compute/firewall:Firewall";
export const ENDPOINTS = "gcp:compute/networkEndpointGroup:NetworkEndpointGroup";
export const KEY_ACCESS = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember";
export const SERVICE = "gcp:projects/service:Service";
