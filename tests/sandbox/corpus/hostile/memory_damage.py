# Scribbling: ctypes writes where it pleases. The interpreter may go, its neighbours must not notice.

# --- a null pointer is read
import ctypes
ctypes.string_at(0, 64)
ctypes.c_int.from_address(0).value

# --- the first page is overwritten
import ctypes
ctypes.memset(0, 0x41, 65536)

# --- the whole heap is overwritten
#: error stopped exception denied memory timeout
import ctypes
ctypes.memset(1024, 0x41, 20 * 1024 * 1024)
print(len([0] * 1000))

# --- an address behind the end of the memory
#: error stopped exception denied
import ctypes
ctypes.memset(0xFFFFFF00, 1, 200)

# --- reference counts set to nothing
import ctypes, gc
for value in (None, True, (), "", b"", int, type, object):
    ctypes.c_int.from_address(id(value)).value = 1
gc.collect()
print([None] * 3, type(()))

# --- types of objects exchanged
import ctypes
class A: pass
a = A()
ctypes.c_uint32.from_address(id(a) + 4).value = id(int)
print(a + 1)

# --- small integers changed
import ctypes
ctypes.c_uint32.from_address(id(6) + 12).value = 1
6 * 7
# ... in a fresh interpreter
#: value 42
6 * 7

# --- None changed into something else
import ctypes
ctypes.c_uint32.from_address(id(None) + 4).value = id(str)
print(None)

# --- a function called through a wrong table index
#: error stopped exception denied
import ctypes
ctypes.CFUNCTYPE(ctypes.c_int)(1 << 20)()

# --- every function of the table called
import ctypes
for index in range(1, 4000, 7):
    try:
        ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(index)(0)
    except BaseException:
        pass

# --- a callback with the wrong signature
import ctypes
callback = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double, ctypes.c_longlong)(lambda a, b: 1.0)
ctypes.cast(callback, ctypes.CFUNCTYPE(ctypes.c_int))()

# --- the interrupt poll switched off in memory
#: error timeout stopped
import ctypes
try:
    ctypes.c_int.in_dll(ctypes.pythonapi, "Py_EMSCRIPTEN_SIGNAL_HANDLING").value = 0
except ValueError:
    pass
while True:
    pass

# --- the interpreter ended from inside
import ctypes
ctypes.pythonapi.Py_FinalizeEx()
print("still here")

# --- the interpreter begun again
import ctypes
ctypes.pythonapi.Py_Finalize()
ctypes.pythonapi.Py_Initialize()
ctypes.pythonapi.PyRun_SimpleString(b"import js; print('BREACH', js)")

# --- free of what is in use, twice
import ctypes
free = ctypes.CDLL(None).free
free.argtypes = [ctypes.c_void_p]
block = ctypes.CDLL(None).malloc(1000)
free(block)
free(block)
for value in ([], {}, "x" * 1000):
    free(id(value))
junk = [bytes(1000) for _ in range(1000)]

# --- code objects with damaged bytecode
import types
code = (lambda: 1).__code__
eval(code.replace(co_code=b"\xff\x00" * 50, co_stacksize=0))

# --- a fatal error of the interpreter
#: error stopped exception denied
import ctypes
ctypes.pythonapi.Py_FatalError(b"corpus")

# --- siglongjmp to nowhere
#: error stopped exception denied
import ctypes
ctypes.CDLL(None).longjmp(ctypes.create_string_buffer(512), 1)

# --- the runner's own functions freed
import ctypes, gc, types
for found in gc.get_objects():
    if isinstance(found, types.FunctionType) and "<" in found.__code__.co_filename:
        ctypes.c_int.from_address(id(found)).value = 1
del found
gc.collect()

# --- the stack overwritten
import ctypes
here = ctypes.c_int(0)
for offset in range(0, 4_000_000, 4096):
    ctypes.memset(4096 + offset, 0x7f, 16)
