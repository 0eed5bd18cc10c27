/**
 * The Python half of the interpreter: runs code in the scope of a session and says what came of it.
 *
 * @module
 */

/** What `execute` answers; an `interrupted` one was stopped or stopped itself. */
export interface Outcome {
  /** `repr` of the last expression. */
  value: string | null;
  /** Absent when the code ran to its end. */
  error?: { kind: "exception" | "interrupted" | "exit"; message: string; traceback: string };
}

/** File name of {@linkcode RUNNER} in Python, so that its frames can be left out of tracebacks. */
export const RUNNER_FILE = "<runner>";

/**
 * Python text, run once when the interpreter opens, in a scope that user code is not handed. `OUTPUT_BYTES`,
 * `MAX_SESSIONS` and `RUNNER_FILE` are put into that scope beforehand; `execute` and `expire` are taken from it.
 *
 * `await execute(code, session)` gives the JSON text of an {@linkcode Outcome}; `expire()` ends what waits for something.
 *
 * - A session is a `__main__` module of its own: `if __name__ == "__main__"`, dataclasses and pickle work.
 * - Code is compiled in two parts so that the value of a last expression is kept.
 * - Each run has fresh `sys.stdout` and `sys.stderr`: closing or replacing them spoils one run only. stderr is
 *   flushed line by line because Pyodide looks there for what it prints itself.
 * - Source lines are kept for 100 runs, so that a traceback through an older function shows them.
 * - Tasks left over are cancelled: nothing of one run goes on in the next.
 * - `asyncio.run` and what ends a task by itself are made to work without the modules closed below.
 * - The ways to JavaScript known by name (`js`, `pyodide`) are closed. This keeps honest code honest and is no wall:
 *   that is the worker, which has no permission.
 */
export const RUNNER = String.raw`
import ast, asyncio, inspect, json, linecache, sys, traceback, types
from itertools import count
from pyodide.ffi import run_sync

KEPT_SOURCES, SHOWN_FRAMES = 100, 20
INTERNAL = (RUNNER_FILE, "/lib/python", "<frozen ")
CLOSED = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core")
loop, numbers, sessions, host = asyncio.get_event_loop(), count(1), {}, None


async def execute(code, session):
    global host
    outcome = {"value": None}
    try:
        host = asyncio.current_task()
        sys.modules["__main__"] = scope = scope_of(session)
        sys.stdout, sys.stderr = output_to(1), output_to(2, buffering=1)
        outcome["value"] = await loop.create_task(evaluate(code, vars(scope)))
    except BaseException as error:
        outcome["error"] = describe(error)
    expire()
    for output in (sys.stdout, sys.stderr):
        try:
            output.flush()
        except Exception:
            pass  # the code closed or replaced it: there is nothing left to be written
    return json.dumps(outcome)


def expire():
    for task in asyncio.all_tasks(loop) - {host}:
        task.cancel()


def scope_of(session):
    scope = sessions.pop(session, None) or types.ModuleType("__main__")
    while len(sessions) >= MAX_SESSIONS:
        del sessions[next(iter(sessions))]
    sessions[session] = scope
    return scope


def output_to(descriptor, buffering=-1):
    return open(descriptor, "w", buffering, encoding="utf-8", errors="backslashreplace", closefd=False)


async def evaluate(code, scope):
    file = remember(code)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(code, file, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    await part(compile(tree, file, "exec", flags, dont_inherit=True), scope)
    if last is None:
        return None
    value = await part(compile(ast.Expression(last.value), file, "eval", flags, dont_inherit=True), scope)
    return None if value is None else capped(repr(value))


async def part(compiled, scope):
    value = eval(compiled, scope)
    return await value if compiled.co_flags & inspect.CO_COROUTINE else value


def remember(code):
    number = next(numbers)
    linecache.cache.pop(f"<cell {number - KEPT_SOURCES}>", None)
    linecache.cache[f"<cell {number}>"] = (len(code), None, code.splitlines(True), f"<cell {number}>")
    return f"<cell {number}>"


def describe(error):
    interrupted = isinstance(error, (KeyboardInterrupt, asyncio.CancelledError))
    kind = "interrupted" if interrupted else "exit" if isinstance(error, SystemExit) else "exception"
    report = traceback.TracebackException.from_exception(error)
    keep_frames_of_user(report)
    return {"kind": kind, "message": capped(said(error)), "traceback": capped("".join(report.format()))}


def said(error):
    try:
        text = str(error)
    except Exception:
        text = "(its text cannot be shown)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def keep_frames_of_user(report):
    reports = [report]
    while reports:
        report = reports.pop()
        frames = [frame for frame in report.stack if not frame.filename.startswith(INTERNAL)]
        report.stack[:] = frames[-SHOWN_FRAMES:]
        reports += [r for r in (report.__cause__, report.__context__, *(report.exceptions or ())) if r]


def capped(text):
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= OUTPUT_BYTES:
        return data.decode()
    return data[:OUTPUT_BYTES].decode("utf-8", "ignore") + f"\n[{len(data) - OUTPUT_BYTES} bytes dropped]"


def close_ways_to_javascript():
    from _pyodide._importhook import jsfinder

    loop._keyboard_interrupt_handler = lambda: None
    loop._system_exit_handler = lambda code: None
    type(loop).run_until_complete = lambda self, future: run_sync(future)
    asyncio.run = lambda main, *, debug=None, loop_factory=None: run_sync(main)
    sys.meta_path.remove(jsfinder)
    for name in [*sys.modules, *CLOSED]:
        if name.partition(".")[0] in CLOSED:
            sys.modules[name] = None


close_ways_to_javascript()
`;
