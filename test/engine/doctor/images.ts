import { type Case, event, onPod, pod, waiting } from "./case";

/** Images that cannot be pulled. */
export const IMAGES: readonly Case[] = [
  {
    what: "an image that does not exist",
    objects: [
      pod(),
      event("Pod", "broken", "Failed", 'Failed to pull image "registry.test/ralph:1": manifest unknown'),
    ],
    status: waiting("ImagePullBackOff", 'Back-off pulling image "registry.test/ralph:1"'),
    expected: [
      onPod(
        "images",
        /ImagePullBackOff: registry.test\/ralph:1: .*manifest unknown/,
        /no such image/,
        "pulumi config set --path ralph:image.tag '<tag>' --stack patient",
      ),
    ],
  },
  {
    what: "an image that requires credentials",
    objects: [pod()],
    status: waiting("ErrImagePull", "failed to authorize: 401 Unauthorized"),
    expected: [
      onPod(
        "images",
        /401/,
        /credentials/,
        "pulumi config set --secret --path 'ralph:imagePullSecrets[0].password' --stack patient",
      ),
    ],
  },
  {
    what: "a registry that cannot be reached",
    objects: [pod()],
    status: waiting("ErrImagePull", "dial tcp 10.0.0.1:443: i/o timeout"),
    expected: [
      onPod(
        "images",
        /i\/o timeout/,
        /cannot reach/,
        "pulumi config set --path ralph:image.repository '<repository that the nodes can reach>' --stack patient",
      ),
    ],
  },
  {
    what: "a pull secret that does not exist",
    objects: [pod({ imagePullSecrets: [{ name: "absent" }] })],
    expected: [
      {
        check: "pull secrets",
        object: "Secret absent",
        what: /does not exist/,
        cause: /password/,
        fix: "pulumi config set --path 'ralph:imagePullSecrets[0].name' absent --stack patient",
      },
    ],
  },
];
