import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ClusterTraits } from "../../clusters/types";
import type { Finding } from "../../config/findings";

/** A map of keys that accepts no others. */
export const section = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape);

export const secretText = z
  .string()
  .min(1)
  .transform((text) => pulumi.secret(text));

/** A whole number within the bounds that the runner has for it. */
export const within = ({ min, max }: { readonly min: number; readonly max: number }) =>
  z.int32().min(min).max(max);

type Schemas = Readonly<Record<string, z.ZodType>>;
type Values<S extends Schemas> = { readonly [Key in keyof S]: z.output<S[Key]> };

/** A rule between keys. */
export interface Rule {
  /** The top-level keys that it needs to be valid; `cluster` if it needs the cluster's traits. */
  readonly sections: readonly string[];
  readonly check: (config: object, traits: ClusterTraits) => readonly Finding[];
}

/** A rule between keys of these sections. */
export const rule = <S extends Schemas>(
  sections: S,
  check: (values: Values<S>) => readonly Finding[],
): Rule => ({
  sections: Object.keys(sections),
  check: (config) => check(config as Values<S>),
});

/** A rule between keys of these sections and the cluster. */
export const clusterRule = <S extends Schemas>(
  sections: S,
  check: (values: Values<S>, traits: ClusterTraits) => readonly Finding[],
): Rule => ({
  sections: [...Object.keys(sections), "cluster"],
  check: (config, traits) => check(config as Values<S>, traits),
});

/** Warns of what a valid configuration creates and yet does not work, each with the way out. */
export type Warning = (config: object, traits: ClusterTraits) => readonly string[];

/** A warning about keys of these sections. */
export const warning =
  <S extends Schemas>(
    _sections: S,
    warn: (values: Values<S>, traits: ClusterTraits) => readonly string[],
  ): Warning =>
  (config, traits) =>
    warn(config as Values<S>, traits);
