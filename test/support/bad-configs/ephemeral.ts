import { BASE } from "../base";
import { type BadConfig, setPath, rm } from "./case";

/** Ephemeral stacks. */
export const EPHEMERAL: readonly BadConfig[] = [
  {
    name: "an invalid lifetime, an invalid expiry and an invalid owner",
    config: {
      ...BASE,
      ephemeral: { enabled: true, ttl: "8d", expires: "2026-02-30T08:00:00Z", owner: "Jo Doe" },
    },
    expected: [
      {
        key: "ralph:ephemeral.ttl",
        rule: /^must be a duration of days, hours and minutes from 15m to 7d, .*; it is "8d"$/,
        fix: setPath("ralph:ephemeral.ttl", "<value>"),
      },
      {
        key: "ralph:ephemeral.expires",
        rule: /^must be a time in UTC such as 2026-11-25T08:00:00Z; it is "2026-02-30T08:00:00Z"$/,
        fix: setPath("ralph:ephemeral.expires", "<value>"),
      },
      {
        key: "ralph:ephemeral.owner",
        rule: /^must be 1 to 63 lower-case letters, .*; it is "Jo Doe"$/,
        fix: setPath("ralph:ephemeral.owner", "<value>"),
      },
    ],
  },
  {
    name: "an ephemeral stack without an expiry",
    config: { ...BASE, ephemeral: { enabled: true } },
    expected: [
      {
        key: "ralph:ephemeral.expires",
        rule: /^is missing: `ephemeral up` sets it/,
        fix: /^pulumi config set --path ralph:ephemeral\.expires \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
      },
    ],
  },
  {
    name: "an expiry of a stack that is not ephemeral",
    config: { ...BASE, ephemeral: { expires: "2026-11-25T08:00:00Z" } },
    expected: [
      {
        key: "ralph:ephemeral.expires",
        rule: /^must not be set: ephemeral\.enabled is false/,
        fix: rm("--path ralph:ephemeral.expires"),
      },
    ],
  },
];
