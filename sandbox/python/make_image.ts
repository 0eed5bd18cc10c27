/**
 * Making what every interpreter starts from.
 *
 * @module
 */
import { guardSignals } from "./alarm.ts";
import { type Engine, type EngineParts, startEngine } from "./engine.ts";
import { Gate } from "./gate.ts";
import { joinImage } from "./image.ts";
import { guardLibraries } from "./libraries.ts";
import { LIBRARY, PRECOMPILE } from "./precompile.ts";
import { PRELOADED, RUNNER, RUNNER_MODULE } from "./runner.ts";

/**
 * What every interpreter starts from, as one image: the memory of one that has started, and its library, compiled. Takes
 * seconds.
 */
export async function makeSnapshot(
  { module, stdlib }: Omit<EngineParts, "snapshot">,
): Promise<Uint8Array> {
  const compiler = await startUnguarded({ module, stdlib });
  compiler.run(PRECOMPILE);
  const library = compiler.fs.readFile(LIBRARY);
  const engine = await startUnguarded({ module, stdlib: library.slice() });
  engine.run(`import ${PRELOADED.join(", ")}`);
  engine.run(
    `import sys, types\nm = types.ModuleType("${RUNNER_MODULE}")\nsys.modules[m.__name__] = m\n` +
      `exec(compile(${JSON.stringify(RUNNER)}, "<runner>", "exec"), vars(m))\nm.enclose()\ndel m, types`,
  );
  return joinImage(library, engine.snapshot());
}

/** An interpreter for code of our own. */
async function startUnguarded(parts: EngineParts): Promise<Engine> {
  return await startEngine(parts, (imports, itself) => {
    guardSignals(imports, () => 0);
    guardLibraries(imports, itself, []);
    // What is behind the gate has other places in the table of functions, and these are in the snapshot.
    new Gate().guard(imports);
    imports.__syscall_poll = () => 0; // Python looks whether it can wait for files when it starts
  });
}
