#!/bin/bash
# First process of a real node, in its own mount and process namespaces: when it ends, for whatever reason, the kernel
# ends every container and removes every mount.
#
# init.sh <folder of the node> <private folders, colon-separated> <volume driver> <node> <argument of the kubelet> ...
set -euo pipefail
cd "$1"
IFS=: read -ra private <<<"$2"
driver=$3 node=$4
shift 4

for folder in "${private[@]}"; do mount -t tmpfs -o mode=0755 tmpfs "$folder"; done

"$PWD/bin/containerd" --config "$PWD/containerd.toml" --log-level warn >>logs/containerd.log 2>&1 &
"$PWD/bin/volume-driver" --driver "$driver" --node "$node" --data "$PWD/volumes" \
  --registry "$PWD/kubelet/plugins_registry" >>logs/volume-driver.log 2>&1 &
until [ -S containerd.sock ]; do sleep 0.1; done
"$PWD/bin/kubelet" "$@" >>logs/kubelet.log 2>&1 &

# None of the three is useful without the others.
wait -n
