/** Values of `ralph:git` for tests. The key has a valid format, but is not a real key. */
export const KEY_CANARY = "canaryOfTheKeyThatPushes";
export const REMOTE = "git@github.com:owner/results.git";
export const KEY = " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
export const HOST_KEY = `github.com${KEY}`;
const FRAME = "OPENSSH PRIVATE KEY-----";
export const PRIVATE_KEY = `-----BEGIN ${FRAME}\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n${KEY_CANARY}\n-----END ${FRAME}\n`;
const APP_FRAME = "RSA PRIVATE KEY-----";
export const APP_KEY = `-----BEGIN ${APP_FRAME}\n${KEY_CANARY}\n-----END ${APP_FRAME}\n`;
