"""The house numbers as ratchets: they may be tightened, never loosened."""

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "quanyu"

MODULE_LINES_MAX = 400
IMPORTS_MAX = 12
FUNCTION_LINES_MEDIAN_MAX = 8
FUNCTION_LINES_P90_MAX = 25
FUNCTION_LINES_MAX = 50
PARAMETERS_MAX = 5
POSITIONAL_MAX = 2
COMMENT_SHARE_MAX = 0.04
TESTS_PER_SOURCE_MIN = 1.2
README_LINES_MAX = 30
VAGUE_NAMES = {"utils", "helpers", "core", "common", "manager", "misc", "base"}

CLOCKS_AND_CHANCE = re.compile(
    r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns)\(|"
    r"random\.(random|randint|choice|shuffle|sample|uniform)\(|np\.random\.(rand|seed|randint))"
)
MAY_ASK_THE_TIME = {"clock.py", "ids.py"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def lines_of(function: Function, text: list[str]) -> int:
    """Lines of code: the docstring, blank lines and decorators do not count."""
    first = function.lineno
    skipped: set[int] = set()
    if ast.get_docstring(function, clean=False) is not None:
        doc = function.body[0]
        skipped = set(range(doc.lineno, (doc.end_lineno or doc.lineno) + 1))
    numbers = range(first, (function.end_lineno or first) + 1)
    return sum(1 for n in numbers if n not in skipped and text[n - 1].strip())


def function_lengths() -> dict[str, int]:
    lengths = {}
    for path in modules():
        text = path.read_text().splitlines()
        for function in functions(path):
            key = f"{name_of(path)}:{function.lineno} {function.name}"
            lengths[key] = lines_of(function, text)
    return lengths


def test_modules_are_short() -> None:
    long = {name_of(p): n for p in modules() if (n := len(p.read_text().splitlines())) > 400}
    assert not long


def imported_modules(path: Path) -> set[str]:
    """What couples a module to others; the standard library does not count."""
    found: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}


def test_modules_import_little() -> None:
    busy = {name_of(p): n for p in modules() if (n := len(imported_modules(p))) > IMPORTS_MAX}
    assert not busy


def test_functions_are_short() -> None:
    lengths = function_lengths()
    too_long = {name: n for name, n in lengths.items() if n > FUNCTION_LINES_MAX}
    assert not too_long
    ordered = sorted(lengths.values())
    assert statistics.median(ordered) <= FUNCTION_LINES_MEDIAN_MAX
    assert ordered[int(len(ordered) * 0.9)] <= FUNCTION_LINES_P90_MAX


def parameter_faults(function: Function) -> str | None:
    arguments = function.args
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    if positional[:1] in (["self"], ["cls"]):
        positional = positional[1:]
    total = len(positional) + len(arguments.kwonlyargs)
    if total > PARAMETERS_MAX:
        return f"{total} parameters"
    if len(positional) > POSITIONAL_MAX:
        return f"{len(positional)} positional parameters"
    return None


def is_door(function: Function) -> bool:
    """Typer and FastAPI read the signature as the form of a command or route."""
    return bool(function.decorator_list) and any(
        isinstance(d, ast.Call)
        and isinstance(d.func, ast.Attribute)
        and d.func.attr in {"command", "callback", "get", "post", "put", "delete"}
        for d in function.decorator_list
    )


def test_functions_take_few_parameters() -> None:
    faults = {
        f"{name_of(path)}:{function.lineno} {function.name}": fault
        for path in modules()
        for function in functions(path)
        if not is_door(function) and (fault := parameter_faults(function))
    }
    assert not faults


def test_names_say_something() -> None:
    vague = [name_of(p) for p in modules() if p.stem in VAGUE_NAMES]
    vague += [name_of(p) for p in SOURCE.rglob("*") if p.is_dir() and p.name in VAGUE_NAMES]
    assert not vague


def test_time_and_chance_come_in_through_ports() -> None:
    faults = [
        f"{name_of(path)}:{number}"
        for path in modules()
        if path.name not in MAY_ASK_THE_TIME
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if CLOCKS_AND_CHANCE.search(line)
    ]
    assert not faults


def is_fen(node: ast.AST) -> bool:
    name = getattr(node, "id", getattr(node, "attr", ""))
    return isinstance(name, str) and name.endswith("_fen")


def test_money_is_never_a_float() -> None:
    faults = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            divided = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
            if divided and is_fen(node.left):
                faults.append(f"{name_of(path)}:{node.lineno} divides fen into a float")
            declared = isinstance(node, ast.AnnAssign) and is_fen(node.target)
            if declared and ast.unparse(node.annotation).startswith("float"):
                faults.append(f"{name_of(path)}:{node.lineno} declares fen as float")
    assert not faults


def test_comments_are_rare() -> None:
    lines = [line.strip() for path in modules() for line in path.read_text().splitlines()]
    comments = sum(line.startswith("#") and "noqa" not in line for line in lines)
    assert comments / max(1, sum(map(bool, lines))) <= COMMENT_SHARE_MAX


def test_tests_outweigh_the_source() -> None:
    source = sum(len(p.read_text().splitlines()) for p in modules())
    tests = sum(len(p.read_text().splitlines()) for p in (ROOT / "tests").rglob("*.py"))
    assert tests >= TESTS_PER_SOURCE_MIN * source, f"{tests} lines of tests, {source} of source"


def test_each_package_says_what_it_owns() -> None:
    packages = [p for p in SOURCE.iterdir() if (p / "__init__.py").exists()]
    missing = [p.name for p in packages if not (p / "README.md").exists()]
    assert not missing
    long = [
        name_of(p)
        for p in SOURCE.rglob("README.md")
        if len(p.read_text().splitlines()) > README_LINES_MAX
    ]
    assert not long


def test_sql_lives_in_named_files_with_a_line_of_purpose() -> None:
    files = sorted((SOURCE / "storage" / "postgres" / "sql").rglob("*.sql"))
    assert files
    silent = [name_of(p) for p in files if not p.read_text().startswith("-- ")]
    assert not silent


def test_every_setting_is_documented() -> None:
    declared = set(re.findall(r"QUANYU_[A-Z_]+", (SOURCE / "settings.py").read_text()))
    documented = set(re.findall(r"QUANYU_[A-Z_]+", (ROOT / "docs" / "operations.md").read_text()))
    assert declared
    assert declared <= documented, f"undocumented: {sorted(declared - documented)}"


def commands() -> set[str]:
    from typer.main import get_command

    from quanyu.interfaces.cli.main import app

    names: set[str] = set()

    def walk(command: object, prefix: str) -> None:
        children = getattr(command, "commands", None)
        if children is None:
            names.add(prefix)
            return
        for name, child in children.items():
            walk(child, f"{prefix} {name}")

    walk(get_command(app), "quanyu")
    return names


def test_every_command_is_documented() -> None:
    text = (ROOT / "docs" / "cli.md").read_text()
    missing = sorted(name for name in commands() if f"`{name}" not in text)
    assert not missing


def test_every_route_is_documented() -> None:
    from quanyu.interfaces.api.application import documented_routes

    text = (ROOT / "docs" / "api.md").read_text()
    missing = sorted(
        f"{method} {path}"
        for method, path in documented_routes()
        if f"`{method} {path}" not in text
    )
    assert not missing


def test_the_project_speaks_only_of_itself() -> None:
    """No machine paths and no package-registry hosts in what we ship."""
    banned = re.compile(r"/work/|/root/|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian")
    tracked = [
        p
        for folder in ("src", "docs", "bench", "requirements", ".ci")
        for p in (ROOT / folder).rglob("*")
        if p.is_file() and p.suffix in {".py", ".md", ".txt", ".toml", ".sql", ".json", ""}
    ]
    faults = [name_of(p) for p in tracked if banned.search(p.read_text(errors="ignore"))]
    assert not faults


@pytest.mark.parametrize("extra", ["spark"])
def test_the_base_install_stays_lean(extra: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    heavy = {"pyspark", "chdb", "torch", "confluent-kafka", "openai"}
    base = {re.split(r"[<>=\[; ]", d)[0] for d in project["dependencies"]}
    assert not base & heavy
    assert extra in project["optional-dependencies"]


PRODUCED_ONLY_BY_CLIENTS = {
    "complaint_made",
    "decision_made",
    "delivery_delayed",
    "delivery_dispatched",
    "delivery_failed",
    "follow",
    "impression",
    "message_sent",
    "review_posted",
}
"""Facts that nothing in this tree sends yet. A mark that is no longer true fails."""


def test_every_fact_is_produced_or_marked() -> None:
    from quanyu.events.facts import FACT_TYPES

    folders = (
        SOURCE / "simulator",
        SOURCE / "touchpoints" / "connectors",
        SOURCE / "promotions",
        SOURCE / "customers" / "profile",
    )
    text = "\n".join(p.read_text() for folder in folders for p in folder.rglob("*.py"))
    silent = {kind for kind in FACT_TYPES if f'"{kind}"' not in text}
    assert silent == PRODUCED_ONLY_BY_CLIENTS
