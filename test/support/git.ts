/** What `ralph:git` says in tests. The key has the form of one, and is none. */
export const KEY_CANARY = "canaryOfTheKeyThatPushes";
export const REMOTE = "git@github.com:owner/results.git";
export const KEY = " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
export const HOST_KEY = `github.com${KEY}`;
const FRAME = "OPENSSH PRIVATE KEY-----";
export const PRIVATE_KEY = `-----BEGIN ${FRAME}\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n${KEY_CANARY}\n-----END ${FRAME}\n`;
