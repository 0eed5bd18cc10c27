/**
 * The public MCP conformance suite as a program: `deno run -A tests/conformance/mcp_suite.ts server --url <url>`.
 *
 * @module
 */
import "@modelcontextprotocol/conformance/dist/index.js";
