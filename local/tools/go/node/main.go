// Command node is what makes a machine a node of the local control plane, chosen by the name it is called
// by: the kubelet, of the same Kubernetes as the control plane, and the node's part of a volume driver.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func main() {
	switch name := filepath.Base(os.Args[0]); name {
	case "kubelet":
		os.Exit(cli.Run(kubelet.NewKubeletCommand(context.Background())))
	case "volume-driver":
		if err := serveVolumes(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "volume-driver:", err)
			os.Exit(1)
		}
	default:
		fmt.Fprintf(os.Stderr, "node: no program named %q\n", name)
		os.Exit(2)
	}
}
