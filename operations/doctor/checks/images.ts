import { pullSecrets } from "../read";
import { objectName, containers, family, once, specOf } from "../pods";
import { check, type Commands } from "../types";

const REASONS = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
];

/** What a registry's answer means, and what fixes it. */
const ANSWERS: readonly [pattern: RegExp, cause: string, fix: (commands: Commands) => string[]][] = [
  [
    /unauthorized|authentication required|denied|forbidden|401|403|no basic auth/i,
    "The registry requires credentials that the pod does not have, or rejects the ones it has.",
    ({ set, setSecret, up }) => [
      set("imagePullSecrets[0].name", "regcred"),
      set("imagePullSecrets[0].server", "<registry>"),
      set("imagePullSecrets[0].username", "<name>"),
      setSecret("imagePullSecrets[0].password"),
      up,
    ],
  ],
  [
    /not found|manifest unknown|name unknown|does not exist|404/i,
    "The registry has no such image, or hides it without credentials.",
    ({ set, up }) => [set("image.repository", "<repository>"), set("image.tag", "<tag>"), up],
  ],
  [
    /no match for platform|exec format|no matching manifest/i,
    "The image is not available for the nodes' processor.",
    ({ set, up }) => [set("image.digest", "<digest of an image for this processor>"), up],
  ],
  [
    /i\/o timeout|no such host|connection refused|TLS handshake|deadline exceeded|dial tcp/i,
    "The nodes cannot reach the registry: check NAT gateway, firewall, proxy and DNS.",
    ({ set, up }) => [set("image.repository", "<repository that the nodes can reach>"), up],
  ],
  [
    /toomanyrequests|429|rate limit/i,
    "The registry limits the pulls from the nodes' address, which others may share.",
    ({ set, up }) => [set("image.repository", "<repository of your own registry>"), up],
  ],
];

/** Images that cannot be pulled. */
export const images = check({
  name: "images",
  needs: ["pods", "events"],
  look({ pods, events }, commands) {
    const stuck = pods.flatMap((pod) =>
      containers(pod)
        .filter(({ state }) => REASONS.includes(state?.waiting?.reason ?? ""))
        .map((container) => ({ pod, container })),
    );
    return once(stuck, ({ pod, container }) => `${family(pod)} ${container.name}`).map(
      ({ pod, container }) => {
        // The state alternates between the registry's answer and the back-off; the event keeps the answer.
        const failures = events.filter(
          ({ involvedObject: { name }, message, reason }) =>
            name === pod.metadata?.name && reason === "Failed" && /pull/.test(message ?? ""),
        );
        const message = [container.state?.waiting?.message, ...failures.map((event) => event.message)].join(
          " ",
        );
        const { image = container.image, imagePullPolicy } = specOf(pod, container.name) ?? {};
        const reason = container.state?.waiting?.reason ?? "";
        const [, cause, fix] = ANSWERS.find(([pattern]) => pattern.test(message)) ?? [];
        if (reason === "InvalidImageName" || reason === "ErrImageNeverPull")
          return {
            object: objectName("Pod", pod),
            what: `${reason}: ${image}`,
            cause:
              reason === "InvalidImageName"
                ? "This is not a valid image name."
                : `The node does not have the image, and pullPolicy ${imagePullPolicy} forbids pulling it.`,
            fix:
              reason === "InvalidImageName"
                ? [
                    commands.set("image.repository", "<repository>"),
                    commands.set("image.tag", "<tag>"),
                    commands.up,
                  ]
                : [commands.set("image.pullPolicy", "IfNotPresent"), commands.up],
          };
        const answer = failures.at(-1)?.message ?? container.state?.waiting?.message ?? "";
        return {
          object: objectName("Pod", pod),
          what: `${reason}: ${image}${answer === "" ? "" : `: ${answer.trim().split("\n")[0]}`}`,
          cause: cause ?? "The image cannot be pulled; the registry's answer is in the pod's events.",
          fix: fix?.(commands) ?? [commands.kubectl(`describe pod ${pod.metadata?.name}`)],
        };
      },
    );
  },
});

/** Pull secrets that pods refer to and that do not exist. */
export const missingPullSecrets = check({
  name: "pull secrets",
  needs: ["pods", "secrets"],
  look({ pods, secrets }, { set, setSecret, up }) {
    const names = new Set(pods.flatMap(({ spec }) => (spec === undefined ? [] : pullSecrets(spec))));
    return [...names]
      .filter((name) => secrets.get(name) === undefined)
      .map((name) => ({
        object: `Secret ${name}`,
        what: "does not exist, and pods need it to pull their image",
        cause:
          "It must be created by hand, or was deleted. If its password is configured, the program creates it.",
        fix: [
          set("imagePullSecrets[0].name", name),
          set("imagePullSecrets[0].server", "<registry>"),
          set("imagePullSecrets[0].username", "<name>"),
          setSecret("imagePullSecrets[0].password"),
          up,
        ],
      }));
  },
});
