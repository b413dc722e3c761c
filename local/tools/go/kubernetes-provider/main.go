// Command pulumi-resource-kubernetes is the upstream provider. Upstream's own main embeds two
// generated files that its module does not carry, so this one serves without them: they answer only
// `pulumi convert` and import code generation.
package main

import "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"

// version is set at link time.
var version string

func main() { provider.Serve("kubernetes", version, []byte("{}"), []byte("{}")) }
