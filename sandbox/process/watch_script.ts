/**
 * The shell script that finds every process of a command, counts them, and ends them.
 *
 * It is a script and no TypeScript because of what it needs: measured on Deno 2.9.6, a worker may not read `/proc` with
 * any grant short of everything ("Requires all access"), and `Deno.kill` wants the right to run every program.
 *
 * **Who belongs to a command.** A process leaves its group with `setsid`, its parent by forking twice, and a variable in
 * its environment with `env -i`. What stays with it and all it starts are resource limits. That of file locks means
 * nothing to Linux since 2.4.25, so the command's hard limit of it is the *mark*: a random number. The environment
 * holds the same number, for a program started without a shell is given the limit (by `prlimit`, where there is one)
 * only once it runs. So what escapes is a process that lowers that limit on purpose and clears its environment.
 *
 * **Counting** everything takes some milliseconds. Each tick therefore reads one number first, how many threads the
 * whole system has, and counts only when the command could have made too many of them, and once a second.
 *
 * It reads `lead <pid>`, `end` (the command ended: what it left has a moment, then TERM, then KILL) and `stop` (TERM, then
 * KILL). When its input ends, whoever started it has died: KILL. It writes `over <n>` and ends a command of more than the
 * given number of processes, and last of all `left <n>`, what it could not end.
 *
 * Arguments: the mark, the number of processes, the seconds between two looks.
 *
 * @module
 */

/** Milliseconds between `stop` and KILL. */
export const TERM_GRACE_MS = 400;
/** Milliseconds processes that outlive their command have to end by themselves. */
export const LINGER_MS = 100;
/** Milliseconds in which KILL must have worked. */
export const KILL_MS = 5_000;
/**
 * A wall behind the count, for what forks faster than it counts: how many threads the user may have, for each process of
 * the limit, beside as many as the whole system has when the command begins. The kernel counts those of all the user's
 * programs, and lets root have any number.
 */
export const THREADS_EACH = 2;
/** Milliseconds between two looks, unless told otherwise. */
export const TICK_MS = 20;
/** Looks at one number, for each of which everything is counted once. */
const LOOKS = 1_000 / TICK_MS;

/** See the module's words. For bash 4 or later. */
export const WATCH_SCRIPT: string = `
mark=$1 max=$2 tick=$3 group=() spare=0 ticks=0
exec {nap}<> <(:)
read -r _ _ _ total _ < /proc/loadavg; spare=\${total#*/}

find_family() { # family[pid], the dead among them that nobody has noticed yet
  local files pid
  mapfile -t files < <(grep -lsaF -- "$mark" /proc/[0-9]*/limits /proc/[0-9]*/environ)
  family=()
  for pid in "\${files[@]//[^0-9]/}"; do family[pid]=; done
}

drop_dead() {
  local pid stat
  for pid in "\${!family[@]}"; do
    stat=") Z"
    IFS= read -r -d "" stat < "/proc/$pid/stat"
    [[ \${stat##*) } == [ZX]* ]] && unset "family[pid]"
  done
}

send() { kill "-$1" -- "\${group[@]}" "\${!family[@]}"; }

freeze() { # What is killed makes room for what a bomb forks next; what is stopped does not.
  local before=-1 rounds=0
  while ((\${#family[@]} != before && ++rounds < 100)); do
    before=\${#family[@]}
    send STOP
    find_family
  done
}

now() { read -r now _ < /proc/uptime; now=\${now/./}0; } # milliseconds that no change of the clock touches

gone_within() { # milliseconds, signal to send meanwhile
  now; local until=$((now + $1))
  while find_family; drop_dead; ((\${#family[@]})); do
    now; ((now < until)) || return 1
    if [[ $2 == KILL ]]; then freeze; send KILL
    elif ((\${#family[@]} > max)); then return 1
    fi
    read -r -t 0.01 -u "$nap"
  done
}

finish() {
  if [[ $1 == end ]]; then gone_within ${LINGER_MS} - || set -- stop; fi
  if [[ $1 == stop ]]; then
    find_family
    drop_dead
    ((\${#family[@]})) && send TERM && send CONT
    gone_within ${TERM_GRACE_MS} -
  fi
  gone_within ${KILL_MS} KILL
  echo "left \${#family[@]}"
  exit
}

lead() {
  group=("-$1")
  prlimit --pid "$1" "--locks=$mark:$mark"
  prlimit --pid "$1" "--nproc=$((spare + ${THREADS_EACH} * max))"
}

count() {
  local total many
  read -r _ _ _ total _ < /proc/loadavg
  total=\${total#*/} many=$((total - spare > max))
  ((many || ++ticks > ${LOOKS})) || return
  # Counting takes longer than a fork bomb takes to double; stopping its whole group does not.
  ((many && \${#group[@]})) && kill -STOP -- "\${group[@]}"
  find_family
  ((\${#family[@]} > max)) && drop_dead
  if ((\${#family[@]} > max)); then
    echo "over \${#family[@]}"
    finish kill
  fi
  ((many && \${#group[@]})) && kill -CONT -- "\${group[@]}"
  ticks=0 spare=$((total - \${#family[@]}))
}

line=
while :; do
  if IFS= read -r -t "$tick" piece; then
    line+=$piece
    case $line in
      "lead "*) lead "\${line#lead }" ;;
      end | stop) finish "$line" ;;
    esac
    line=
  elif (($? > 128)); then line+=$piece # the time can be over in the middle of a line
  else finish kill
  fi
  count
done
`;
