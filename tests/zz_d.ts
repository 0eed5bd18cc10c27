import fc from "fast-check";
import { judge } from "../sandbox/policy/judge.ts";
const dir = Deno.makeTempDirSync(); Deno.mkdirSync(dir+"/bin"); Deno.mkdirSync(dir+"/w");
for (const n of ["ls","cat","rm","head"]) Deno.writeTextFileSync(`${dir}/bin/${n}`, `#!/bin/bash\n{ printf '%s' ${n}; printf ' <%s>' "\${@//$'\\n'/N}"; echo; } >> ${dir}/log\n`, {mode:0o755});
Deno.writeTextFileSync(dir+"/w/a.txt","a"); Deno.writeTextFileSync(dir+"/w/b.txt","b");
const T = `ls ls ls cat cat rm head a.txt -l -n5 /etc/x | || && ; ( ) { } $( ) " ' \\ # \\n $'\\x61' "a b" 'c d' {a,b} {1..2} *.txt ~ ~/x "$HOME" $PWD \${x:-a} <<EOF \\nEOF\\n <<<a <( a\\ b "" ! time env command nice if then fi for x in do done $x "$x" x=1 x=rm $((1)) 2>&1 >/dev/null < a.txt -- = == [[ ]] case esac a) ;; f() ; ; l""s c\\at $"a" "\\$x" '$x' "\`ls\`" \`ls\``.split(" ").map(t=>t.replaceAll("\\n","\n"));
const seen=new Set<string>(); let n=0,bad=0;
const join = fc.array(fc.tuple(fc.constantFrom(...T), fc.constantFrom(" "," "," "," ","","\n")), {minLength:1,maxLength:11}).map(a=>a.map(([t,s])=>t+s).join(""));
for (const c of fc.sample(join, 500000)) {
  if (seen.has(c)||n>=Number(Deno.args[0])) continue; seen.add(c);
  const j=judge(c,{rules:[],workspace:dir+"/w",home:dir+"/w/home"});
  if (j.verdict!=="allow" || j.parts.length<2) continue; n++;
  Deno.writeTextFileSync(dir+"/log","");
  new Deno.Command("timeout",{args:["3","bash","--norc","--noprofile","-c",c],cwd:dir+"/w",clearEnv:true,env:{PATH:dir+"/bin:/usr/bin:/bin",HOME:dir+"/w/home"},stdin:"null",stdout:"null",stderr:"null"}).outputSync();
  for (const line of new Set(Deno.readTextFileSync(dir+"/log").split("\n").filter(Boolean))) {
    const ok = j.parts.some(p=>{ const l=[p.program.replace(/.*\//,""),...p.args.map(a=>`<${a}>`)].join(" "); const r=l.replace(/<[^<>]*[*$`(][^<>]*>/g,"@"); return l===line || [p.program,...p.args.map(a=>"<"+a+">")].length && new RegExp("^"+[p.program.replace(/[^\w]/g,""),...p.args.map(a=>a.replaceAll("\n","N")).map(a=>/[*$`]|<\(|\(/.test(a)?".*":"<"+a.replace(/[^\w\s]/g,"\\$&")+">")].join(" ")+"$","s").test(line); });
    if (!ok && !/^\w+ <>$/.test(line)) { bad++; console.log(JSON.stringify(c), "RAN", line, "KNEW", JSON.stringify(j.parts.map(p=>[p.program,...p.args]))); }
  }
}
console.log(n,"bad",bad); Deno.removeSync(dir,{recursive:true});
