/**
 * The Python half of the interpreter: runs code in the scope of its session and says what came of it.
 *
 * @module
 */
import { SURROUNDINGS } from "./surroundings.ts";

/** What Python is told of a tool. */
export interface PythonTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of an object. */
  readonly parameters: unknown;
}

/** What {@linkcode RUNNER} reads from the device before it runs code. */
export interface Order {
  readonly code: string;
  /** In the order of `await tools.name(...)`. */
  readonly tools: readonly PythonTool[];
  /** Whether missing packages may be asked for. */
  readonly packages: boolean;
  /** Bytes of the value and of each text of an error. */
  readonly resultBytes: number;
  /** Frames that Python may nest. */
  readonly recursion: number;
}

/** What it answers; an `interrupted` one was stopped or stopped itself. */
export interface Outcome {
  /** `repr` of the last expression. */
  readonly value: string | null;
  /** Absent when the code ran to its end. */
  readonly error?: {
    readonly kind: "exception" | "interrupted" | "memory";
    readonly message: string;
    readonly traceback: string;
  };
}

/** Name of the module made of {@linkcode RUNNER}. */
export const RUNNER_MODULE = "_runner";

/**
 * Python text of the module, run once before the snapshot is taken. `execute()` reads an {@linkcode Order} from the device
 * and returns the JSON text of an {@linkcode Outcome}.
 *
 * - Code runs in the module `__main__`: `if __name__ == "__main__"`, dataclasses and pickle work.
 * - A last expression is compiled as the assignment to a name no program can spell, so that its value is kept.
 * - Each run has fresh `sys.stdout` and `sys.stderr`: closing or replacing them spoils one run only.
 * - Source lines are kept for 100 runs, so that a traceback through an older function shows them.
 * - Tasks left over are cancelled: nothing of one run goes on in the next.
 * - A module that is not there is asked for before the code runs; pictures are written to files after it.
 * - What it uses later it holds itself: code may replace what it likes.
 */
export const RUNNER = SURROUNDINGS + String.raw`
def run(code, scope, may_fetch):
    file = remember(code)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(code, file, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    if may_fetch and (names := missing(tree)):
        in_loop(fetch(names))
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        kept = ast.Assign([ast.Name(VALUE, ast.Store())], last.value)
        tree.body[-1] = ast.fix_missing_locations(ast.copy_location(kept, last))
    scope.pop(VALUE, None)
    compiled = compile(tree, file, "exec", flags, dont_inherit=True)
    value = eval(compiled, scope)
    if compiled.co_flags & inspect.CO_COROUTINE:
        in_loop(value)
    return scope.pop(VALUE, None)


VALUE = " value"  # no program can spell it


def in_loop(coroutine):
    global loop
    if loop is None:
        loop = Loop()
    asyncio.set_event_loop(loop)
    return loop.run_until_complete(coroutine)


loop = None


def end_loop():
    global loop
    ended, loop = loop, None
    waiting.clear()
    if ended is None:
        return
    tasks = asyncio.all_tasks(ended)
    for task in tasks:
        task.cancel()
    if tasks:
        ended.run_until_complete(asyncio.wait(tasks, timeout=0.1))
    ended.close()
    asyncio.set_event_loop(None)


def remember(code):
    number = next(runs)
    linecache.cache.pop(f"<cell {number - KEPT_SOURCES}>", None)
    linecache.cache[f"<cell {number}>"] = (len(code), None, code.splitlines(True), f"<cell {number}>")
    return f"<cell {number}>"


def pictures(value):
    plot = sys.modules.get("matplotlib.pyplot")
    for number in plot.get_fignums() if plot else ():
        plot.figure(number).savefig(picture())
    if plot:
        plot.close("all")
    elif hasattr(type(value), "_repr_png_") and (data := value._repr_png_()):
        with open(picture(), "wb") as file:
            file.write(data)


def picture():
    os.makedirs(FIGURES, exist_ok=True)
    return next(f"{FIGURES}/figure-{n}.png" for n in count(1) if not os.path.exists(f"{FIGURES}/figure-{n}.png"))


def describe(error, limit):
    kind = "exception"
    if issubclass(type(error), (KeyboardInterrupt, asyncio.CancelledError)):
        kind = "interrupted"
    elif issubclass(type(error), MemoryError):
        kind = "memory"
    name, shown = "an exception", "(it cannot be shown)"
    try:
        name = str(type.__getattribute__(type(error), "__name__"))
        name = said(name, error)
        report = traceback.TracebackException.from_exception(error, limit=-1000)
        keep_frames_of_user(report)
        shown = "".join(report.format())
    except KeyboardInterrupt:
        kind = "interrupted"
    except BaseException:
        pass  # what it is must do
    return {"kind": kind, "message": cut(name, limit), "traceback": cut(shown, limit)}


def said(name, error):
    try:
        text = str(error)
    except KeyboardInterrupt:
        raise
    except BaseException:
        text = "(its text cannot be shown)"
    return f"{name}: {text}" if text else name


def keep_frames_of_user(report):
    reports = [report]
    while reports:
        report = reports.pop()
        frames = [frame for frame in report.stack if not frame.filename.startswith(HIDDEN)]
        report.stack[:] = frames[-SHOWN_FRAMES:]
        reports += [r for r in (report.__cause__, report.__context__, *(report.exceptions or ())) if r]


def cut(text, limit):
    data = text.encode("utf-8", "backslashreplace")
    if len(data) <= limit:
        return data.decode()
    return data[:limit].decode("utf-8", "ignore") + f"\n[{len(data) - limit} bytes dropped]"


def output_to(descriptor):
    raw = io.FileIO(descriptor, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace", line_buffering=True, write_through=True)


def begin():
    """In a new interpreter, before and after its rehearsal: what was in the snapshot is the same for all."""
    global device, runs
    if device < 0:
        device = open_file(DEVICE, os.O_RDWR)
    random.seed()
    runs = count(1)
    sys.stdin = open(0, closefd=False)
    sys.modules["__main__"] = types.ModuleType("__main__")
    vars(sys.modules["__main__"])["__builtins__"] = builtins
    return "begun"


def execute():
    global heeds, missed
    order = loads(read_exactly(int.from_bytes(read_exactly(4), "little")))
    limit = order["resultBytes"]
    outcome = {"value": None}
    sys.stdout, sys.stderr = streams = output_to(1), output_to(2)
    try:
        heeds = True
        if missed:
            raise KeyboardInterrupt
        answer(order, outcome, limit)
        end_loop()
    except BaseException as error:
        heeds = False
        outcome.setdefault("error", describe(error, limit))
    heeds = missed = False
    for stream in streams:
        try:
            stream.flush()
        except Exception:
            pass  # the code closed it: there is nothing left to be written
    return dumps(outcome)


def answer(order, outcome, limit):
    try:
        sys.setrecursionlimit(order["recursion"])
        main = sys.modules.get("__main__")
        if type(main) is not types.ModuleType:
            main = sys.modules["__main__"] = types.ModuleType("__main__")
        look_again("/workspace")  # files have come in
        offer(order["tools"])
        value = run(order["code"], vars(main), order["packages"])
        if value is not None:
            outcome["value"] = cut(repr(value), limit)
        pictures(value)
    except SystemExit as error:
        if error.code not in (None, 0):
            outcome["error"] = describe(error, limit)
    except BaseException as error:
        outcome["error"] = describe(error, limit)


def stop(number, frame):
    """Interrupts what can be told of it: before that, the run as soon as it begins; after that, nothing."""
    global missed
    missed = True
    if heeds:
        raise KeyboardInterrupt


heeds = missed = False


def enclose():
    """Once, before the snapshot: leaves nothing of JavaScript to be found by name."""
    asyncio.events._event_loop_policy = None
    asyncio.events._set_event_loop_policy(Policy())
    asyncio.events._set_running_loop(None)
    asyncio.run = asyncio.runners.run
    asyncio.runners.Runner._on_sigint = interrupted
    signal.signal(signal.SIGINT, stop)
    time.sleep = sleep
    sys.excepthook = sys.__excepthook__
    describe(Exception("so that what reports need is loaded"), 1000)
    builtin, frozen = importlib.machinery.BuiltinImporter, importlib.machinery.FrozenImporter
    sys.meta_path[:] = [closed, builtin, frozen, PATHS, refusals]
    # Last, so that a file of the workspace stands for nothing of the library.
    sys.path[:] = [path for path in sys.path if path] + ["/workspace"]
    for name in list(sys.modules):
        if name.partition(".")[0] in CLOSED:
            del sys.modules[name]
    closed.reasons.update((name, f"There is no {name} here: this Python cannot reach JavaScript") for name in CLOSED)


def interrupted(runner, number, frame, main_task):
    """Interrupts at once: asyncio would wait for its loop, which waits to be interrupted."""
    raise KeyboardInterrupt


CLOSED = ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core", "webbrowser")
PATHS = next(finder for finder in sys.meta_path if getattr(finder, "__name__", "") == "PathFinder")
`;

/** Modules that are in the snapshot already, so that importing them costs nothing. */
export const PRELOADED: readonly string[] = [
  ..."abc array base64 bisect calendar collections collections.abc contextlib copy csv dataclasses datetime"
    .split(" "),
  ..."decimal difflib enum fnmatch fractions functools glob hashlib heapq html io itertools json logging math"
    .split(" "),
  ..."numbers operator os pathlib pprint random re secrets shutil statistics string struct tempfile textwrap"
    .split(" "),
  ..."threading time traceback typing unicodedata urllib.parse uuid weakref zipfile zlib".split(" "),
];

/** Programs that run before the first one that is meant: what has run once already runs faster. */
export const REHEARSAL: readonly string[] = [
  "import asyncio, json\nprint('', end='')\nawait asyncio.sleep(0)\njson.dumps([f'{n:.1f}' for n in range(3)])",
  "def f(n):\n    return 1 / n\nf(0)",
];
