/** A provider plugin as the engine sees it: gRPC on one side, a StubCloud on the other. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

import type { Subject } from "./calls";
import type { StubCloud } from "./cloud";
import type { Change } from "./diff";
import { fromStruct, toStruct } from "./engine-values";
import { InitFailed } from "./errors";
import type { Values } from "./types";

/** The engine sends states of hundreds of resources in one message. */
const MESSAGE_BYTES = 400 * 1024 * 1024;

/** Serves a cloud on a port of this machine, which is returned. */
export async function serve(cloud: StubCloud, version: string): Promise<number> {
  const server = new grpc.Server({
    "grpc.max_receive_message_length": MESSAGE_BYTES,
    "grpc.max_send_message_length": MESSAGE_BYTES,
  });
  server.addService(ResourceProviderService as unknown as grpc.ServiceDefinition, service(cloud, version));
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

// Other methods (Handshake, GetSchema, Construct ...) return UNIMPLEMENTED, which the engine expects.
function service(cloud: StubCloud, version: string): grpc.UntypedServiceImplementation {
  return {
    getPluginInfo: unary<Empty, PluginInfo>(async () => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),

    checkConfig: unary<rpc.CheckRequest, rpc.CheckResponse>(async (request) => {
      const response = new rpc.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),

    diffConfig: unary<rpc.DiffRequest, rpc.DiffResponse>(async (request) => {
      const before = fromStruct(request.getOldInputs() ?? request.getOlds());
      const after = fromStruct(request.getNews());
      const response = new rpc.DiffResponse();
      const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;
      response.setChanges(JSON.stringify(before) === JSON.stringify(after) ? DIFF_NONE : DIFF_SOME);
      response.setReplacesList(cloud.configReplaces(before, after));
      return response;
    }),

    configure: unary<rpc.ConfigureRequest, rpc.ConfigureResponse>(async (request) => {
      cloud.configure(configuration(fromStruct(request.getArgs())));
      const response = new rpc.ConfigureResponse();
      response.setSupportspreview(true); // without it the engine makes no calls in a preview
      return response;
    }),

    check: unary<rpc.CheckRequest, rpc.CheckResponse>(async (request) => {
      const { inputs, failures } = await cloud.check(
        subject(request),
        fromStruct(request.getOlds()),
        fromStruct(request.getNews()),
        request.getRandomseed_asU8(),
      );
      const response = new rpc.CheckResponse();
      response.setInputs(toStruct(inputs));
      response.setFailuresList(
        failures.map(({ property, reason }) => {
          const failure = new rpc.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),

    diff: unary<rpc.DiffRequest, rpc.DiffResponse>(async (request) => {
      const state = fromStruct(request.getOlds());
      const before = fromStruct(request.getOldInputs());
      const after = fromStruct(request.getNews());
      const found = cloud.diff(subject(request), { id: request.getId(), before, after });
      return diffResponse(found, state);
    }),

    create: unary<rpc.CreateRequest, rpc.CreateResponse>(async (request) => {
      const inputs = fromStruct(request.getProperties());
      const { id, properties } = await cloud.create(
        subject(request),
        inputs,
        request.getPreview(),
        request.getTimeout(),
      );
      const response = new rpc.CreateResponse();
      response.setId(id);
      response.setProperties(toStruct(properties));
      return response;
    }),

    update: unary<rpc.UpdateRequest, rpc.UpdateResponse>(async (request) => {
      const change = {
        id: request.getId(),
        state: fromStruct(request.getOlds()),
        before: fromStruct(request.getOldInputs()),
        inputs: fromStruct(request.getNews()),
      };
      const properties = await cloud.update(
        subject(request),
        change,
        request.getPreview(),
        request.getTimeout(),
      );
      const response = new rpc.UpdateResponse();
      response.setProperties(toStruct(properties));
      return response;
    }),

    read: unary<rpc.ReadRequest, rpc.ReadResponse>(async (request) => {
      const known = { inputs: fromStruct(request.getInputs()), state: fromStruct(request.getProperties()) };
      const found = await cloud.read(subject(request), request.getId(), known);
      const response = new rpc.ReadResponse();
      if (found === undefined) return response;
      response.setId(found.id);
      response.setProperties(toStruct(found.properties));
      response.setInputs(toStruct(found.inputs));
      return response;
    }),

    delete: unary<rpc.DeleteRequest, Empty>(async (request) => {
      await cloud.delete(subject(request), request.getId(), request.getTimeout());
      return new Empty();
    }),

    invoke: unary<rpc.InvokeRequest, rpc.InvokeResponse>(async (request) => {
      const response = new rpc.InvokeResponse();
      response.setReturn(toStruct(await cloud.invoke(request.getTok(), fromStruct(request.getArgs()))));
      return response;
    }),

    cancel: unary<Empty, Empty>(async () => {
      cloud.cancel();
      return new Empty();
    }),
  };
}

interface Named {
  readonly getUrn: () => string;
}

/** `urn:pulumi:stack::project::parent$type::name`. Old engines send type and name only in the URN. */
function subject(request: Named): Subject {
  const urn = request.getUrn();
  const [, , types = "", ...name] = urn.split("::");
  return { urn, token: types.slice(types.lastIndexOf("$") + 1), name: name.join("::") };
}

/** The engine sends everything except text as JSON in a text. */
function configuration(args: Values): Values {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [key, typeof value === "string" ? parsed(value) : value]),
  );
}

function parsed(text: string): unknown {
  if (!/^[[{]|^(true|false)$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function diffResponse(
  { changes, deleteBeforeReplace }: { changes: readonly Change[]; deleteBeforeReplace: boolean },
  state: Values,
): rpc.DiffResponse {
  const response = new rpc.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = rpc.DiffResponse.DiffChanges;
  const changed = new Set(changes.map(({ property }) => property));
  response.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...changed]);
  response.setReplacesList([
    ...new Set(changes.filter((each) => each.replaces).map(({ property }) => property)),
  ]);
  response.setStablesList(Object.keys(state).filter((key) => !changed.has(key)));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const { path, kind, replaces } of changes) {
    const diff = new rpc.PropertyDiff();
    diff.setKind(KINDS[kind][replaces ? 1 : 0]);
    diff.setInputdiff(true);
    response.getDetaileddiffMap().set(path, diff);
  }
  return response;
}

const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = rpc.PropertyDiff.Kind;
const KINDS = {
  add: [ADD, ADD_REPLACE],
  delete: [DELETE, DELETE_REPLACE],
  update: [UPDATE, UPDATE_REPLACE],
} as const;

function unary<Request, Response>(
  work: (request: Request) => Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    work(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(failure(error)),
    );
  };
}

function failure(error: unknown): Partial<grpc.StatusObject> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof InitFailed)) return { code: grpc.status.UNKNOWN, details: message };

  const detail = new rpc.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.properties));
  detail.setReasonsList([message]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(grpc.status.UNKNOWN);
  status.setMessage(message);
  status.addDetails(packed);
  const metadata = new grpc.Metadata();
  // How gRPC in Go attaches details to an error; this library has no function for it.
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
