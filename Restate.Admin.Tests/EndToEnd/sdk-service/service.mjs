// One service of each type. Prints `listening <port>` once it serves; the port is 0 (any) unless given.
//   node --import ./polyfill.mjs service.mjs [--port 0] [--http1] [--variant base|next|retyped|shrunk] [--mode bidi|request-response]
// The variants change the same services the way a new release of them would.
import * as http from "node:http";
import * as http2 from "node:http2";
import { parseArgs } from "node:util";
import * as restate from "@restatedev/restate-sdk";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    host: { type: "string", default: "127.0.0.1" },
    http1: { type: "boolean", default: false },
    variant: { type: "string", default: "base" },
    mode: { type: "string", default: "bidi" },
  },
});
const variant = options.variant;

const greeter = restate.service({
  name: "Greeter",
  handlers: {
    greet: async (ctx, name) => `Hello ${name}`,
    ...(variant === "shrunk" ? {} : { configured: restate.createServiceHandler(
      {
        description: "A handler with settings of its own.",
        metadata: { owner: "tests" },
        ingressPrivate: true,
        inactivityTimeout: { seconds: 90 },
        abortTimeout: { minutes: 5 },
        journalRetention: { hours: 36 },
        idempotencyRetention: { days: 3 },
        retryPolicy: { initialInterval: 250, maxAttempts: 7, exponentiationFactor: 1.5, maxInterval: { seconds: 20 }, onMaxAttempts: "kill" },
      },
      async (ctx, input) => input) }),
    bytes: restate.createServiceHandler(
      { input: restate.serde.binary, output: restate.serde.binary },
      async (ctx, input) => input),
    ...(variant === "next" ? { farewell: async (ctx, name) => `Bye ${name}` } : {}),
  },
});

const counterHandlers = {
  add: async (ctx, value) => {
    const count = ((await ctx.get("count")) ?? 0) + value;
    ctx.set("count", count);
    return count;
  },
};
const counter = variant === "retyped"
  ? restate.service({ name: "Counter", handlers: { add: async (ctx, value) => value } })
  : restate.object({
    name: "Counter",
    handlers: {
      ...counterHandlers,
      get: restate.createObjectSharedHandler({ enableLazyState: true }, async (ctx) => (await ctx.get("count")) ?? 0),
    },
    description: "Counts by key.",
    metadata: { team: "storage", tier: "1" },
    options: { enableLazyState: false, inactivityTimeout: { minutes: 2 }, idempotencyRetention: { hours: 12 } },
  });

const order = restate.workflow({
  name: "Order",
  handlers: {
    run: restate.createWorkflowHandler({ workflowRetention: { days: 7 } }, async (ctx) => "done"),
    status: restate.createWorkflowSharedHandler({}, async (ctx) => (await ctx.get("status")) ?? "unknown"),
  },
  options: { ingressPrivate: true, retryPolicy: { maxAttempts: 3, onMaxAttempts: "pause" } },
});

const plain = restate.object({
  name: "Plain",
  handlers: { touch: async (ctx) => { ctx.set("touched", true); } },
});

const handler = restate.createEndpointHandler({
  services: variant === "shrunk" ? [greeter, counter, plain] : [greeter, counter, order, plain],
  bidirectional: options.mode === "bidi",
});
const server = options.http1 ? http.createServer(handler) : http2.createServer(handler);
server.listen(Number(options.port), options.host, () => console.log(`listening ${server.address().port}`));
