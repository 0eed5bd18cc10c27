/**
 * The rules that deny by default what destroys, takes over the machine or hides what was done.
 *
 * @module
 */
import type { PolicyRule } from "./rules.ts";

const SYSTEM_FILES = [
  "/etc",
  "/dev",
  "/proc",
  "/sys",
  "/boot",
  "/bin",
  "/sbin",
  "/usr",
  "/lib",
  "/var",
  "/root",
];
const PERSONAL_FILES = [
  ..."ssh gnupg aws kube docker config netrc bashrc bash_profile profile zshrc gitconfig bash_history npmrc"
    .split(" ").map((name) => `~/.${name}`),
];
const PROTECTED = [...SYSTEM_FILES, ...PERSONAL_FILES];
const WRITERS = "tee mv truncate touch rm rmdir mkdir shred chmod chown chattr setfacl mknod".split(" ");
/** Variables that decide which programs run, or what they run besides. */
const TAKE_OVER = [
  "PATH IFS ENV BASH_ENV BASH_FUNC_* SHELLOPTS BASHOPTS PS0 PS1 PS4 PROMPT_COMMAND CDPATH GLOBIGNORE EXECIGNORE LD_*",
  "DYLD_* GCONV_PATH PYTHON* NODE_OPTIONS NODE_PATH PERL5* PERLLIB RUBYOPT RUBYLIB JAVA_TOOL_OPTIONS GIT_* SSH_ASKPASS",
  "EDITOR VISUAL PAGER MANPAGER BROWSER LESSOPEN LESSCLOSE RIPGREP_CONFIG_PATH GREP_OPTIONS TAR_OPTIONS MAKEFLAGS",
  "HISTFILE HISTSIZE HISTCONTROL HISTIGNORE POSIXLY_CORRECT SHELL",
].join(" ").split(" ").map((name) => `${name}=*`).join("|");

/** They hold whatever other rules say, because a rule that denies wins. */
export const DESTRUCTIVE: readonly PolicyRule[] = [
  deny("wipe", "rm", "it deletes a whole folder tree", { args: ["-r|-R|--recursive"], paths: "whole" }),
  deny("wipe", ["shred", "srm", "wipefs", "blkdiscard"], "it makes data unreadable"),
  deny("wipe", "find", "it deletes outside the workspace", { args: ["-delete"], paths: "outside" }),
  deny("wipe", ["rm", "mv"], "it takes away the history of the workspace", {
    args: ["*.git|*.git/|*.git/*"],
  }),
  deny("disk", [
    "mkfs*",
    "mke2fs",
    "mkswap",
    "fdisk",
    "sfdisk",
    "parted",
    "cryptsetup",
    "lvremove",
    "vgremove",
  ]),
  deny("disk", "dd", "it writes to a device", { args: ["of=/dev/*"] }),
  deny("disk", ["mount", "umount", "losetup", "swapoff", "swapon", "modprobe", "insmod", "rmmod", "sysctl"]),
  deny(
    "power",
    ["shutdown", "reboot", "halt", "poweroff", "init", "telinit", "kexec"],
    "it stops the machine",
  ),
  deny("power", "systemctl", "it stops the machine", {
    args: ["poweroff|reboot|halt|kexec|suspend|emergency|rescue"],
  }),
  deny("rights", [
    "sudo",
    "doas",
    "su",
    "pkexec",
    "runuser",
    "chroot",
    "nsenter",
    "setcap",
    "visudo",
    "passwd",
  ]),
  deny("rights", ["useradd", "userdel", "usermod", "groupadd", "chpasswd", "newgrp", "chsh"]),
  deny("rights", ["chmod", "chown", "chgrp"], "it changes rights of everything", {
    args: ["-R|--recursive"],
    paths: "whole",
  }),
  deny("rights", "chmod", "it makes a program run with its owner's rights", {
    args: ["u+*s*|g+*s*|ug+*s*|a+*s*|+s|*4755|*4777|*4711|*2755|*2777|*6755|*6777"],
  }),
  deny("processes", "kill", "it ends every process", {
    args: ["-1|0|-0", "-9|-KILL|-SIGKILL|-15|-TERM|-1|-s"],
  }),
  deny("processes", ["killall", "killall5", "pkill"], "it ends processes by name"),
  deny("later", ["crontab", "at", "batch", "systemd-run", "launchctl"], "it runs programs when nobody looks"),
  deny("network", ["iptables*", "ip6tables*", "nft", "ufw", "firewall-cmd", "ifconfig", "route", "tc"]),
  deny("network", "<", "it opens a connection", { paths: ["/dev/tcp", "/dev/udp"] }),
  deny("network", ["nc", "ncat", "netcat", "socat", "telnet"], "it runs programs over the network", {
    args: ["-e|-c|--exec|--sh-exec|EXEC:*|SYSTEM:*|exec:*|system:*|*EXEC:*|*SYSTEM:*"],
  }),
  deny("history", "git", "it rewrites what others have", {
    args: ["push", "-f|--force|--force-with-lease|--mirror|--delete"],
  }),
  deny("history", "git", "it rewrites what others have", { args: ["push", "+*|:*"] }),
  deny("history", "git", "it takes away the history", { args: ["filter-branch|filter-repo"] }),
  deny("history", "git", "it takes away the history", { args: ["reflog", "expire|delete"] }),
  deny("history", "git", "it takes away the history", { args: ["update-ref", "-d"] }),
  deny("history", "history", "it hides what was done", { args: ["-c|-d|-w|-a|-r"] }),
  deny("history", "unset", "it hides what was done", { args: ["HIST*"] }),
  deny("take over", "=", "it decides what other programs are or run", { args: [TAKE_OVER] }),
  deny(
    "take over",
    ["export", "declare", "typeset", "readonly", "local"],
    "it decides what other programs are or run",
    {
      args: [TAKE_OVER],
    },
  ),
  deny("protected files", ">", "it writes to files of the system or of the person", { paths: PROTECTED }),
  deny("protected files", "sed", "it writes to files of the system or of the person", {
    args: ["-i|--in-place"],
    paths: PROTECTED,
  }),
  deny("protected files", WRITERS, "it writes to files of the system or of the person", { paths: PROTECTED }),
];

function deny(
  name: string,
  program: string | string[],
  reason = "it changes the machine",
  rest: Pick<PolicyRule, "args" | "paths"> = {},
): PolicyRule {
  return { verdict: "deny", name: `default: ${name}`, program, reason, ...rest };
}
