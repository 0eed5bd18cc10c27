import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { fileFault } from "../../../sandbox/files/file_fault.ts";

function caught(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  assert.fail("it did not throw");
}

Deno.test("what the system says becomes a sentence without the machine's paths", () => {
  const full = caught(() => {
    using file = Deno.openSync("/dev/full", { write: true });
    file.writeSync(new Uint8Array(1));
  });
  const cases: [unknown, string, string][] = [
    [caught(() => Deno.statSync("/no/such/file")), "not_found", "Cannot write a: it does not exist"],
    [full, "failed", "Cannot write a: No space left on device"],
    [caught(() => Deno.statSync("/" + "x".repeat(300))), "failed", "Cannot write a: File name too long"],
    [
      new Deno.errors.PermissionDenied("Permission denied (os error 13): open '/x'"),
      "denied",
      "Cannot write a: Permission denied",
    ],
    [
      Object.assign(new Error("Read-only file system (os error 30)"), { code: "EROFS" }),
      "denied",
      "Cannot write a: Read-only file system",
    ],
    [new Deno.errors.NotCapable("m"), "denied", "Cannot write a: this tool was not given the permission"],
    ["text", "failed", "Cannot write a: text"],
  ];
  for (const [error, code, message] of cases) {
    const fault = fileFault("write", "a", error);
    assert.deepEqual({ code: fault.code, message: fault.message }, { code, message });
    assert.equal(fault.cause, error);
  }
  const fault = new Fault("denied", "m");
  assert.equal(fileFault("write", "a", fault), fault);
});
