import { withPython } from "./actors/tools/python_tool.ts";
Deno.test("t", async () => { let t = performance.now(); const lap = (s: string) => { console.log(s, Math.round(performance.now()-t)); t = performance.now(); };
 await withPython(async ({value, stage}) => { lap("started"); for (let i=0;i<3;i++) { await value("1"); lap("call"); } await new Promise(r=>setTimeout(r,1500)); lap("-"); for (let i=0;i<3;i++) { await value("1"); lap("call"); } console.log(stage.lines, stage.changes); }, {limits:{warm:1}}); lap("closed"); });
