/**
 * The wall between Python and JavaScript: the functions the interpreter may call.
 *
 * WebAssembly can do nothing but compute and call what it was handed. It was handed some 1 300 functions, most of which
 * are ways into JavaScript; from the moment the gate is closed all of these but the ones named here end the interpreter. The
 * same object of functions serves the interpreter, `ctypes` and libraries that are loaded later, so there is no way
 * around it, not even for code that has overwritten the interpreter's memory.
 *
 * @module
 */
import type { Imports } from "./engine.ts";

/** Files (in memory), time, luck, memory, calls between Python and its own C code. */
const ALLOWED: ReadonlySet<string> = new Set(
  [
    // Files. They are in the worker's memory.
    ..."chdir chmod dup dup3 faccessat fadvise64 fallocate fchdir fchmod fchmodat2 fchown32 fchownat fcntl64"
      .split(" "),
    ..."fdatasync fstat64 fstatfs64 ftruncate64 getcwd getdents64 getuid32_js ioctl lstat64 mkdirat".split(
      " ",
    ),
    ..."newfstatat openat poll readlinkat renameat rmdir stat64 statfs64 symlinkat truncate64 umask_js".split(
      " ",
    ),
    ..."unlinkat utimensat".split(" "),
  ].map((name) => `__syscall_${name}`).concat(
    "fd_close fd_fdstat_get fd_pread fd_pwrite fd_read fd_seek fd_sync fd_write".split(" "),
    "_mmap_js _msync_js _munmap_js emscripten_resize_heap emscripten_get_heap_max".split(" "),
    // Time and luck.
    "clock_res_get clock_time_get random_get emscripten_date_now emscripten_get_now".split(" "),
    "_gmtime_js _localtime_js _mktime_js _timegm_js _tzset_js".split(" "),
    // What a program knows of itself, and its end.
    "environ_get environ_sizes_get _emscripten_get_progname proc_exit exit _abort_js __assert_fail".split(
      " ",
    ),
    "emscripten_runtime_keepalive_push emscripten_runtime_keepalive_pop".split(" "),
    // Signals: here the interpreter is interrupted.
    "_Py_CheckEmscriptenSignals_Helper __call_sighandler".split(" "),
    // Calls between Python and C: to functions the interpreter has, or to those named here.
    "_PyEM_TrampolineCall_JS ffi_call_js ffi_closure_alloc_js ffi_closure_free_js ffi_prep_closure_loc_js"
      .split(" "),
    "_dlsym_js _dlopen_js throw_no_gil".split(" "),
  ),
);

const EPERM = -63, EACCES = -2, ENOSYS = -52, EAI_NONAME = -2;

/** What honest programs try, and are told that it cannot be done here. */
const REFUSED: Readonly<Record<string, number | null>> = {
  __syscall_socket: EACCES,
  __syscall_bind: EACCES,
  __syscall_connect: EACCES,
  __syscall_listen: EACCES,
  __syscall_accept4: EACCES,
  __syscall_getpeername: EACCES,
  __syscall_getsockname: EACCES,
  __syscall_getsockopt: EACCES,
  __syscall_setsockopt: EACCES,
  __syscall_recvfrom: EACCES,
  __syscall_recvmsg: EACCES,
  __syscall_sendmsg: EACCES,
  __syscall_sendto: EACCES,
  __syscall_shutdown: EACCES,
  __syscall_mknodat: EPERM,
  __syscall_pipe: ENOSYS,
  __syscall__newselect: ENOSYS,
  _setitimer_js: ENOSYS,
  _emscripten_system: ENOSYS,
  _maybe_poll_async: null,
  _maybe_connect_async: null,
  _maybe_recvfrom_async: null,
  _maybe_sendto_async: null,
  _try_fcntl64: 0,
  _try_shutdown: 0,
  getaddrinfo: EAI_NONAME,
  getnameinfo: EAI_NONAME,
  getprotobyname: 0,
  emscripten_debugger: 0,
  _emscripten_log_formatted: 0,
  emscripten_log_impl_js: 0,
};

/** The interpreter called what it may not call. Nothing runs in it any more. */
export class Violation extends Error {
  override readonly name = "Violation";

  /** `import` is the function it called. */
  constructor(readonly forbidden: string) {
    super(`Forbidden host call: ${forbidden}`);
  }
}

/** The gate of one interpreter. */
export class Gate {
  #closed = false;
  #violation: Violation | undefined;
  readonly #denied: (() => unknown)[] = [];

  /** The first forbidden call, if there was one. */
  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Puts every function behind the gate, in place. Call it before the interpreter is made. */
  guard(imports: Imports): void {
    for (const name of Object.keys(imports)) {
      const given = imports[name];
      if (ALLOWED.has(name) || typeof given !== "function") continue;
      const guarded = Object.hasOwn(REFUSED, name)
        ? this.#refusing(given as Function_, REFUSED[name] ?? null)
        : this.#denying(name, given as Function_);
      // The dynamic linker reads these.
      const { sig, stub } = given as { sig?: string; stub?: boolean };
      imports[name] = Object.assign(
        guarded,
        sig === undefined ? {} : { sig },
        stub === undefined ? {} : { stub },
      );
    }
    // A name that is looked up must not be found in the prototype of all objects.
    Object.setPrototypeOf(imports, null);
  }

  /**
   * Closes it for good and tries every function behind it.
   * @throws {Error} when one of them still does something: then no foreign code may run.
   */
  close(): void {
    this.#closed = true;
    for (const denied of this.#denied) {
      try {
        denied();
      } catch (error) {
        if (error instanceof Violation) continue;
        throw error;
      }
      throw new Error("Cannot contain Python: a function behind the gate can still be called");
    }
    if (this.#denied.length === 0) throw new Error("Cannot contain Python: the gate guards nothing");
    this.#violation = undefined;
  }

  #refusing(given: Function_, answer: number | null): Function_ {
    return (...args) => this.#closed ? answer : given(...args);
  }

  #denying(name: string, given: Function_): Function_ {
    const guarded: Function_ = (...args) => {
      if (!this.#closed) return given(...args);
      throw this.#violation ??= new Violation(name);
    };
    this.#denied.push(guarded as () => unknown);
    return guarded;
  }
}

type Function_ = (...args: unknown[]) => unknown;
