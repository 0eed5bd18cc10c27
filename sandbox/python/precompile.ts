/**
 * Python's standard library, compiled: a module that is not in the snapshot would else be compiled by every session that
 * imports it, which takes longer than all the rest of its import.
 *
 * @module
 */

/** Where the archive is in the interpreter's files. */
export const LIBRARY = "/lib/python314.zip";

/**
 * Python text that writes the archive anew, with bytecode instead of source.
 *
 * @see https://docs.python.org/3.14/reference/import.html#cached-bytecode-invalidation
 */
export const PRECOMPILE = String.raw`
def precompile(path):
    import importlib._bootstrap_external as bytecode, importlib.util, io, zipfile

    left_out = ("idlelib/", "lib2to3/", "test/", "tkinter/", "turtledemo/", "pydoc_data/", "ensurepip/", "venv/")
    # What hardly anybody imports here stays as it is: to compile it takes a second of everybody's first use.
    rare = ("encodings/", "multiprocessing/", "_pyrepl/", "xmlrpc/", "wsgiref/", "curses/", "dbm/", "pydoc", "pdb.",
            "mailbox.", "imaplib.", "poplib.", "ftplib.", "smtplib.", "turtle.", "_pydatetime.", "_pyio.", "_pydecimal.",
            "pyodide/", "_pyodide/", "socketserver.", "webbrowser.", "doctest.", "_aix_support.", "_osx_support.")
    written = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            if name.startswith(left_out) or name.endswith("/"):
                continue
            data = old.read(name)
            if name.endswith(".py") and not name.startswith(rare):
                hash = importlib.util.source_hash(data)
                code = compile(data, f"{path}/{name}", "exec", dont_inherit=True)
                name, data = name + "c", bytecode._code_to_hash_pyc(code, hash, False)
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data, compresslevel=6)
    with open(path, "wb") as archive:
        archive.write(written.getvalue())


precompile("${LIBRARY}")
`;
