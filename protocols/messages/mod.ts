/**
 * The typed contracts between actors.
 *
 * @module
 */
export * from "./agent.ts";
export * from "./approval.ts";
export * from "./bus.ts";
export * from "./capability.ts";
export * from "./documents.ts";
export * from "./fault.ts";
export * from "./journal.ts";
export * from "./model.ts";
export * from "./protocol.ts";
export * from "./python.ts";
export * from "./ref.ts";
export * from "./run.ts";
export * from "./tool.ts";
export * from "./workspace_files.ts";
