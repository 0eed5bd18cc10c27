import fc from "fast-check";
import { judge } from "../sandbox/policy/judge.ts";
const src = Deno.readTextFileSync("tests/sandbox/policy/wrappings_test.ts");
const TOKENS = new Function("return " + src.slice(src.indexOf("[", src.indexOf("const TOKENS")), src.indexOf("];", src.indexOf("const TOKENS"))+1))();
const cmds = fc.sample(fc.array(fc.constantFrom(...TOKENS as string[]), { maxLength: 9 }).map(t=>t.join(" ")), 40000).filter(c=>{ try { return judge(c,{rules:[],workspace:"/w",home:"/h"}).verdict==="allow" } catch(e) { console.log("THROW",c,e); return false; } });
const uniq=[...new Set(cmds)].slice(0,400); console.log(cmds.length, uniq.length);
for (const c of uniq) { const r=new Deno.Command("bash",{args:["--norc","-n","-c",c],stdout:"null",stderr:"piped"}).outputSync(); if(!r.success) console.log(JSON.stringify(c)); }
