import * as pulumi from "@pulumi/pulumi";

/** The region is a key of the provider, which applies it to every resource that sets none. */
export const LOCATION_KEY = "azure-native:location";

export const location = (): string | undefined => new pulumi.Config("azure-native").get("location");
