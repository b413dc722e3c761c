import { pullSecrets } from "../read";
import { called, containers, family, once, specOf } from "../pods";
import { check, type Context } from "../types";

const REASONS = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "RegistryUnavailable",
];

/** Of a registry's answer: what it means, and what mends it. */
const ANSWERS: readonly [pattern: RegExp, cause: string, fix: (context: Context) => string[]][] = [
  [
    /unauthorized|authentication required|denied|forbidden|401|403|no basic auth/i,
    "The registry wants credentials that the pod does not bring, or refuses the ones it brings.",
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
    "The registry has no such image, or hides it from those who have no credentials.",
    ({ set, up }) => [set("image.repository", "<repository>"), set("image.tag", "<tag>"), up],
  ],
  [
    /no match for platform|exec format|no matching manifest/i,
    "The image is not there for the nodes' processor.",
    ({ set, up }) => [set("image.digest", "<digest of an image for this processor>"), up],
  ],
  [
    /i\/o timeout|no such host|connection refused|TLS handshake|deadline exceeded|dial tcp/i,
    "The nodes do not reach the registry: a NAT gateway, firewall, proxy or name server is in between.",
    ({ set, up }) => [set("image.repository", "<repository that the nodes reach>"), up],
  ],
  [
    /toomanyrequests|429|rate limit/i,
    "The registry counts the pulls of everybody who shares the nodes' address.",
    ({ set, up }) => [set("image.repository", "<repository of your own registry>"), up],
  ],
];

/** Images that cannot be pulled. */
export const images = check({
  name: "images",
  needs: ["pods", "events"],
  look({ pods, events }, context) {
    const stuck = pods.flatMap((pod) =>
      containers(pod)
        .filter(({ state }) => REASONS.includes(state?.waiting?.reason ?? ""))
        .map((container) => ({ pod, container })),
    );
    return once(stuck, ({ pod, container }) => `${family(pod)} ${container.name}`).map(
      ({ pod, container }) => {
        // The state alternates between the registry's answer and the wait; the event keeps the answer.
        const said = events.filter(
          ({ involvedObject: { name }, message, reason }) =>
            name === pod.metadata?.name && reason === "Failed" && /pull/.test(message ?? ""),
        );
        const message = [container.state?.waiting?.message, ...said.map((event) => event.message)].join(" ");
        const { image = container.image, imagePullPolicy } = specOf(pod, container.name) ?? {};
        const reason = container.state?.waiting?.reason ?? "";
        const [, cause, fix] = ANSWERS.find(([pattern]) => pattern.test(message)) ?? [];
        if (reason === "InvalidImageName" || reason === "ErrImageNeverPull")
          return {
            object: called("Pod", pod),
            what: `${reason}: ${image}`,
            cause:
              reason === "InvalidImageName"
                ? "This is no name of an image."
                : `The node has no such image, and pullPolicy ${imagePullPolicy} forbids pulling it.`,
            fix:
              reason === "InvalidImageName"
                ? [
                    context.set("image.repository", "<repository>"),
                    context.set("image.tag", "<tag>"),
                    context.up,
                  ]
                : [context.set("image.pullPolicy", "IfNotPresent"), context.up],
          };
        const answer = said.at(-1)?.message ?? container.state?.waiting?.message ?? "";
        return {
          object: called("Pod", pod),
          what: `${reason}: ${image}${answer === "" ? "" : `: ${answer.trim().split("\n")[0]}`}`,
          cause: cause ?? "The image cannot be pulled; the registry's answer is in the pod's events.",
          fix: fix?.(context) ?? [context.kubectl(`describe pod ${pod.metadata?.name}`)],
        };
      },
    );
  },
});

/** Secrets for pulling that pods name and nobody has made. */
export const pullSecretsThere = check({
  name: "pull secrets",
  needs: ["pods", "secrets"],
  look({ pods, secrets }, { set, setSecret, up }) {
    const names = new Set(pods.flatMap(({ spec }) => (spec === undefined ? [] : pullSecrets(spec))));
    return [...names]
      .filter((name) => secrets.get(name) === undefined)
      .map((name) => ({
        object: `Secret ${name}`,
        what: "is not there, and pods name it to pull their image with",
        cause: "It is for somebody else to make, or was deleted. Given its password, the program makes it.",
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
