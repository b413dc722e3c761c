import * as pulumi from "@pulumi/pulumi";

export const REGION_KEY = "azure-native:location";

/** The region is a key of the provider, which gives it to every resource that says none. */
export const region = (): string | undefined => new pulumi.Config("azure-native").get("location");
