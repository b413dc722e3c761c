// Command snapshots is the controller's part of a CSI driver whose volumes are folders of this machine, for the test of
// backups: the node's part is that of the project's own driver, which mounts the same folders.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type driver struct {
	csi.UnimplementedIdentityServer
	csi.UnimplementedControllerServer
	name, volumes, snapshots string
}

func main() {
	d := &driver{}
	socket := flag.String("socket", "", "socket to serve")
	flag.StringVar(&d.name, "driver", "", "name of the driver")
	flag.StringVar(&d.volumes, "volumes", "", "folder that holds a folder for each volume")
	flag.StringVar(&d.snapshots, "snapshots", "", "folder that holds a folder for each snapshot")
	flag.Parse()
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, "snapshots:", err)
		os.Exit(1)
	}
	server := grpc.NewServer()
	csi.RegisterIdentityServer(server, d)
	csi.RegisterControllerServer(server, d)
	if err := server.Serve(listener); err != nil {
		fmt.Fprintln(os.Stderr, "snapshots:", err)
		os.Exit(1)
	}
}

func (d *driver) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: d.name, VendorVersion: "1"}, nil
}

func (d *driver) GetPluginCapabilities(context.Context, *csi.GetPluginCapabilitiesRequest) (*csi.GetPluginCapabilitiesResponse, error) {
	service := csi.PluginCapability_Service_CONTROLLER_SERVICE
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{
		{Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{Type: service}}},
	}}, nil
}

func (d *driver) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{Ready: wrapperspb.Bool(true)}, nil
}

func (d *driver) ControllerGetCapabilities(context.Context, *csi.ControllerGetCapabilitiesRequest) (*csi.ControllerGetCapabilitiesResponse, error) {
	response := &csi.ControllerGetCapabilitiesResponse{}
	for _, each := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
	} {
		rpc := &csi.ControllerServiceCapability_RPC{Type: each}
		response.Capabilities = append(response.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: rpc},
		})
	}
	return response, nil
}

func (d *driver) CreateVolume(_ context.Context, request *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	folder := filepath.Join(d.volumes, request.GetName())
	if from := request.GetVolumeContentSource().GetSnapshot().GetSnapshotId(); from != "" {
		if err := copyFolder(filepath.Join(d.snapshots, from), folder); err != nil {
			return nil, err
		}
	} else if err := os.MkdirAll(folder, 0o770); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId:      request.GetName(),
		CapacityBytes: request.GetCapacityRange().GetRequiredBytes(),
		ContentSource: request.GetVolumeContentSource(),
	}}, nil
}

func (d *driver) DeleteVolume(_ context.Context, request *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	if err := os.RemoveAll(filepath.Join(d.volumes, request.GetVolumeId())); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.DeleteVolumeResponse{}, nil
}

func (d *driver) CreateSnapshot(_ context.Context, request *csi.CreateSnapshotRequest) (*csi.CreateSnapshotResponse, error) {
	folder := filepath.Join(d.snapshots, request.GetName())
	if err := copyFolder(filepath.Join(d.volumes, request.GetSourceVolumeId()), folder); err != nil {
		return nil, err
	}
	info, err := os.Stat(folder)
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.CreateSnapshotResponse{Snapshot: &csi.Snapshot{
		SnapshotId:     request.GetName(),
		SourceVolumeId: request.GetSourceVolumeId(),
		CreationTime:   timestamppb.New(info.ModTime().Truncate(time.Second)),
		ReadyToUse:     true,
	}}, nil
}

func (d *driver) DeleteSnapshot(_ context.Context, request *csi.DeleteSnapshotRequest) (*csi.DeleteSnapshotResponse, error) {
	if err := os.RemoveAll(filepath.Join(d.snapshots, request.GetSnapshotId())); err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return &csi.DeleteSnapshotResponse{}, nil
}

// copyFolder copies a folder with owners and times, and nothing if a call is repeated.
func copyFolder(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	partial := to + ".partial"
	if out, err := exec.Command("cp", "-a", from, partial).CombinedOutput(); err != nil {
		return status.Errorf(codes.Internal, "%v: %s", err, out)
	}
	if err := os.Rename(partial, to); err != nil {
		return status.Error(codes.Internal, err.Error())
	}
	return nil
}
