import { judge } from "../sandbox/policy/judge.ts";
for (const c of Deno.args) { try { const j = judge(c, {rules: [], workspace: "/home/u/ws", home: "/home/u"}); console.log(j.verdict, "|", c, "|", j.parts.map(p=>`${p.verdict}[${p.rule}] ${p.reason}`).join(" ;; ")); } catch (e) { console.log(c, (e as Error).stack); } }
