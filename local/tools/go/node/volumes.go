package main

import (
	"context"
	"errors"
	"flag"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

// volumes is the node's part of a CSI driver: a volume is a folder of this machine, mounted into the pod.
// What makes and removes the volumes as objects is a stage of kwok.
type volumes struct {
	registration.UnimplementedRegistrationServer
	csi.UnimplementedIdentityServer
	csi.UnimplementedNodeServer
	driver, node, data, socket string
}

// serveVolumes tells the kubelet of the driver and serves it until it is told to end.
func serveVolumes(args []string) error {
	flags := flag.NewFlagSet("volume-driver", flag.ContinueOnError)
	driver := flags.String("driver", "", "name of the CSI driver")
	node := flags.String("node", "", "name of the node")
	data := flags.String("data", "", "folder that holds a folder for each volume")
	registry := flags.String("registry", "", "folder in which the kubelet looks for plugins")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *driver == "" || *node == "" || *data == "" || *registry == "" {
		return errors.New("--driver, --node, --data and --registry are needed")
	}

	socket := filepath.Join(*registry, *driver+".sock")
	if err := os.Remove(socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err // left by a run that was killed
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	v := &volumes{driver: *driver, node: *node, data: *data, socket: socket}
	registration.RegisterRegistrationServer(server, v)
	csi.RegisterIdentityServer(server, v)
	csi.RegisterNodeServer(server, v)
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	go func() {
		<-stop.Done()
		server.Stop()
	}()
	return server.Serve(listener)
}

func (v *volumes) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.CSIPlugin,
		Name:              v.driver,
		Endpoint:          v.socket,
		SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (v *volumes) NotifyRegistrationStatus(context.Context, *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	return &registration.RegistrationStatusResponse{}, nil
}

func (v *volumes) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: v.driver, VendorVersion: "1"}, nil
}

func (v *volumes) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{}, nil
}

func (v *volumes) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}

func (v *volumes) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: v.node}, nil
}

// NodeGetCapabilities: the pod's fsGroup comes with the request, as with a network file system.
func (v *volumes) NodeGetCapabilities(context.Context, *csi.NodeGetCapabilitiesRequest) (*csi.NodeGetCapabilitiesResponse, error) {
	group := &csi.NodeServiceCapability_RPC{Type: csi.NodeServiceCapability_RPC_VOLUME_MOUNT_GROUP}
	return &csi.NodeGetCapabilitiesResponse{Capabilities: []*csi.NodeServiceCapability{
		{Type: &csi.NodeServiceCapability_Rpc{Rpc: group}},
	}}, nil
}

func (v *volumes) NodePublishVolume(_ context.Context, request *csi.NodePublishVolumeRequest) (*csi.NodePublishVolumeResponse, error) {
	id := request.GetVolumeId()
	if id == "" || strings.ContainsRune(id, filepath.Separator) || strings.HasPrefix(id, ".") {
		return nil, status.Errorf(codes.InvalidArgument, "%q names no volume", id)
	}
	folder, target := filepath.Join(v.data, id), request.GetTargetPath()
	if err := makeVolume(folder, request.GetVolumeCapability().GetMount().GetVolumeMountGroup()); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	if err := os.MkdirAll(target, 0o750); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	// The kubelet repeats a call whose answer it has missed: a second mount would hide the first.
	if same(folder, target) {
		return &csi.NodePublishVolumeResponse{}, nil
	}
	if err := syscall.Mount(folder, target, "", syscall.MS_BIND, ""); err != nil {
		return nil, status.Errorf(codes.Internal, "mounting %s at %s: %v", folder, target, err)
	}
	if request.GetReadonly() {
		if err := syscall.Mount("", target, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
			return nil, status.Errorf(codes.Internal, "making %s read-only: %v", target, err)
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

// makeVolume makes the folder of a volume, which its group may write and whose files stay the group's.
func makeVolume(folder, group string) error {
	if err := os.MkdirAll(folder, 0o770); err != nil {
		return err
	}
	if group == "" {
		return nil
	}
	gid, err := strconv.Atoi(group)
	if err != nil {
		return err
	}
	if err := os.Chown(folder, -1, gid); err != nil {
		return err
	}
	return os.Chmod(folder, os.ModeSetgid|0o770) // also against the umask
}

func same(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	return errOne == nil && errOther == nil && os.SameFile(one, other)
}

func (v *volumes) NodeUnpublishVolume(_ context.Context, request *csi.NodeUnpublishVolumeRequest) (*csi.NodeUnpublishVolumeResponse, error) {
	target := request.GetTargetPath()
	// EINVAL: it is not mounted. ENOENT: it is not there.
	if err := syscall.Unmount(target, 0); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, syscall.ENOENT) {
		return nil, status.Errorf(codes.Internal, "unmounting %s: %v", target, err)
	}
	if err := os.Remove(target); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}
