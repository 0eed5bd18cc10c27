import { judge } from "../sandbox/policy/judge.ts";
const P={rules:[],workspace:"/home/u/ws"};
const t=(n:string,c:string)=>{const s=performance.now(); let v; try{ const j=judge(c,P); v=j.verdict+" "+j.rule; }catch(e){v="THROW "+(e as Error).message} console.log(n,v,(performance.now()-s).toFixed(1)+" ms");};
t("warm","ls"); t("ls","ls"); t("pipe","cat a.txt | sort | uniq -c | head -n 5");
t("nohome","rm -rf ~"); t("nohome2","rm -rf $HOME");
t("assign","a=1;".repeat(4990)); t("paren","(".repeat(9000)); t("subst","$(".repeat(9000)); t("btick","`".repeat(9000)); t("brace","{a,".repeat(6000)); t("brace2","echo "+"{a,b}".repeat(3000));
t("sudo","sudo ".repeat(3000)); t("sudo8",("sudo ").repeat(40)+"ls"); t("env","env ".repeat(4000)+"ls"); t("arith","echo $(("+"(".repeat(5000)); t("ls","ls;".repeat(6000)); t("args","ls "+"a ".repeat(9000)); t("find","find "+"-exec ls ; ".repeat(1500)); t("cd","cd a;".repeat(3000)); t("q","echo "+"'a'".repeat(5000)); t("ssh","ssh "+"'a b' ".repeat(3000));
let s="rm -rf /"; for(let i=0;i<10;i++) s="sh -c '"+s.replaceAll("'","'\\''")+"'"; t("nest",s);
let q="ls"; for(let i=0;i<300;i++) q="echo $("+q+")"; t("nest2",q);
