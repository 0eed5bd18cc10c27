/**
 * The MCP project's own test server, as a program: `everything.ts stdio` or `everything.ts streamableHttp`.
 *
 * @module
 */
import "@modelcontextprotocol/server-everything/dist/index.js";
