"""What the source part of an honest patch hardly ever needs, and a rigged one does; with the reason that a person is told."""

RUNNER = "looks at the test runner"
ENDS = "ends the process, or decides how it ends"
OUTLIVES = "starts something that may outlive the call"
BELOW = "reaches below Python"
FRAMES = "looks at who calls it"
REPLACES = "changes what other code sees"
RUNTIME = "runs code that is made while it runs"
PIPES = "reads or writes open files by their number"
SNIFFS = "asks where it runs"
NETWORK = "asks the network"
CHANCE = "may answer differently from one time to the next"
EQUAL = "compares equal without looking"

MODULES = {
    RUNNER: "pytest _pytest pluggy unittest doctest nose nose2 xdist hypothesis conftest tox nox coverage trace",
    ENDS: "atexit signal faulthandler",
    OUTLIVES: "threading _thread multiprocessing subprocess concurrent.futures sched pty",
    BELOW: "ctypes _ctypes cffi mmap _testcapi resource posix nt",
    REPLACES: "builtins site sitecustomize usercustomize imp importlib.machinery importlib.abc gc forbiddenfruit",
    RUNTIME: "runpy marshal pickle dill cloudpickle zipimport code codeop timeit profile cProfile logging.config pydoc",
    FRAMES: "linecache pdb bdb",
    SNIFFS: "psutil getpass platform pwd grp termios tty sysconfig",
    NETWORK: "socket ssl urllib.request http.client ftplib smtplib poplib imaplib xmlrpc.client",
    CHANCE: "random secrets uuid",
}
NAMES = {
    ENDS: "os._exit os.kill os.killpg os.abort os.exec* os.spawn* os.posix_spawn* sys.exit sys.excepthook sys.unraisablehook "
    "sys.exitfunc weakref.finalize exit quit SystemExit KeyboardInterrupt GeneratorExit BaseException",
    OUTLIVES: "os.fork os.forkpty os.system os.popen os.register_at_fork asyncio.create_subprocess*",
    FRAMES: "sys._getframe sys._getframemodulename sys._current_frames sys._current_exceptions sys.settrace sys.setprofile "
    "sys.gettrace sys.getprofile sys.monitoring sys.addaudithook sys.exc_info inspect.stack inspect.currentframe inspect.trace "
    "inspect.getouterframes inspect.getinnerframes inspect.getframeinfo inspect.getsource* inspect.getfile "
    "traceback.extract_stack traceback.walk_stack traceback.format_stack traceback.print_stack traceback.StackSummary* "
    "logging.currentframe sys.exception",
    REPLACES: "sys.modules sys.meta_path sys.path_hooks sys.path_importer_cache sys.path sys.stdout sys.stderr sys.displayhook "
    "sys.setswitchinterval sys.flags importlib.reload importlib.invalidate_caches importlib.util.spec_from* __builtins__",
    RUNTIME: "exec eval compile __import__ importlib.import_module importlib.__import__ types.FunctionType types.CodeType "
    "types.ModuleType pkgutil.resolve_name typing.get_type_hints typing.ForwardRef inspect.get_annotations",
    PIPES: "os.write os.read os.dup os.dup2 os.close os.closerange os.fdopen os.pipe os.open os.pread os.pwrite os.sendfile "
    "fcntl.fcntl",
    SNIFFS: "os.environ* os.getenv* sys.argv sys.orig_argv sys.executable sys.prefix sys.base_prefix sys.platform os.name "
    "os.uname os.getpid os.getppid os.getpgid os.getpgrp os.getsid os.getuid os.geteuid os.getgid os.getegid os.getgroups "
    "os.getlogin os.getcwd* pathlib.Path.home pathlib.Path.cwd os.path.expanduser os.isatty os.ttyname os.ctermid "
    "*.get_terminal_size os.cpu_count os.process_cpu_count os.sched_getaffinity os.getloadavg os.times os.statvfs shutil.which "
    "shutil.disk_usage sys.dont_write_bytecode sys.pycache_prefix sys.getrecursionlimit sys.setrecursionlimit "
    "sys.getallocatedblocks sys.getrefcount sys.warnoptions sys._xoptions sys.__std* sys.stdin.fileno sys.stdin.closed "
    "warnings.filters importlib.util.find_spec importlib.metadata.distributions importlib.metadata.packages_distributions "
    "pkgutil.iter_modules pkgutil.walk_packages",
    CHANCE: "time.time time.time_ns time.monotonic* time.perf_counter* time.process_time* time.thread_time* time.clock_* "
    "time.sleep time.localtime time.gmtime time.ctime time.asctime time.strftime email.utils.formatdate email.utils.localtime "
    "datetime.now datetime.utcnow datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today "
    "date.today logging.makeLogRecord os.path.getmtime os.path.getctime os.path.getatime os.urandom os.getrandom id hash",
}
ATTRIBUTES = {
    SNIFFS: "isatty",
    FRAMES: "f_back f_locals f_globals f_code f_lineno f_builtins tb_frame tb_next gi_frame cr_frame ag_frame __traceback__ "
    "findCaller funcName pathname",
    CHANCE: "st_mtime* st_ctime* st_atime* st_birthtime*",
    REPLACES: "__code__ __globals__ __closure__ __defaults__ __kwdefaults__ __subclasses__ __builtins__ __bases__ __mro__ "
    "__getattribute__",
}
DEFINED = {
    RUNNER: "pytest_* pytestmark collect_ignore collect_ignore_glob load_tests setUpModule tearDownModule __unittest "
    "__tracebackhide__ __test__",
    EQUAL: "__instancecheck__ __subclasscheck__ __getattribute__ __class__",
    ENDS: "__del__",
}
"""Names that mean something to others by being defined."""
MODULE_HOOKS = ("__getattr__", "__dir__")
"""Functions that answer for a whole module, if they stand at its top."""
TOLD = {
    "time.localtime": 1, "time.gmtime": 1, "time.ctime": 1, "time.asctime": 1, "time.strftime": 2,
    "email.utils.formatdate": 1, "email.utils.localtime": 1,
}  # fmt: skip
"""What asks the clock only if it is given less than so many values."""
OPTIONS = {
    ("field", "compare", False): EQUAL,
    ("dataclass", "eq", False): EQUAL,
    ("catch_warnings", "record", True): FRAMES,
    ("*", "stack_info", True): FRAMES,
    ("*", "eval_str", True): RUNTIME,
}
"""What is called, an option of the call, and the value with which it is suspicious."""
ABSOLUTE = "open io.open pathlib.Path Path os.listdir os.scandir os.stat os.access os.path.* glob.glob glob.iglob"
"""What is asked about a file by its name; a place outside the project is not the code's business."""
BUILT_IN = {"str", "int", "float", "bytes", "list", "dict", "tuple", "set", "frozenset", "complex"}
COMPARED = "__eq__ __ne__ __hash__ __lt__ __le__ __gt__ __ge__ __sub__ __rsub__ __abs__ __float__ __round__"
"""What a value that is built into Python does when a test compares it; one that does it in its own way may agree with all."""
CAUGHT = ("AssertionError", "BaseException", "SystemExit", "KeyboardInterrupt", "GeneratorExit")
WORDS = {
    SNIFFS: r"PYTEST|SWARM|TOX_|GITHUB_ACTIONS|^CI$|/proc/|/proc$|/dev/fd|/sys/|^TESTING$|^TEST_"
    r"|(^|/)\.(git|hg|venv|tox|nox)(/|$)",
    FRAMES: r"_getframe|\b(f_(back|code|globals|locals)|tb_(frame|next)|(gi|cr|ag)_(frame|code)|co_(name|filename))\b"
    r"|__traceback__",
    RUNNER: r"pytest|unittest|conftest|(^|[/.])tests?([/.]|$)|(^|[/.])test_\w|_test\.py|sitecustomize|\.pth$|\.pyc$",
    REPLACES: r"^__(eq|ne|bool|class|dict|code|globals|builtins|subclasses|closure|import)__$",
}
"""Strings that name what is not the code's business."""
HIDDEN = {
    "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200b", "\u200c", "\u200d",
    "\u200e", "\u200f", "\u2060", "\u061c", "\ufeff", "\u00ad",
}  # fmt: skip
"""Characters that make a line look like another."""
