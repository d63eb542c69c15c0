"""The house has floors: no import runs up, and each library lives where it belongs."""

import ast
from collections.abc import Iterator

import pytest
from conftest import ROOT

FLOORS = (
    (
        "pipeline.cli",
        "pipeline.__main__",
        "pipeline.progress",
        "pipeline.checklists",
        "pipeline.workshop",
        "pipeline.people_verbs",
        "pipeline.serve_verb",
        "pipeline.tuning_lines",
        "pipeline.console",
    ),
    (
        "pipeline.run",
        "pipeline.goldplan",
        "pipeline.goldcheck",
        "pipeline.probing",
        "pipeline.tuning",
        "pipeline.rating",
        "pipeline.parity",
        "pipeline.taskcheck",
        "pipeline.orders",
        "pipeline.doctor",
        "pipeline.plan",
        "pipeline.schema",
        "pipeline.audit",
        "pipeline.verifying.verify",
    ),
    ("pipeline.tabled",),
    (
        "pipeline.derive",
        "pipeline.compose",
        "pipeline.tallied",
        "pipeline.outcomes",
        "pipeline.moved",
        "pipeline.conclude",
        "pipeline.beware",
        "pipeline.asking",
        "pipeline.sheet",
        "pipeline.benchmarks.fetch",
    ),
    ("pipeline.snapshot",),
    ("pipeline.verifying",),
    ("pipeline.preflight", "pipeline.judgement", "pipeline.questions", "pipeline.certificate"),
    ("pipeline.landscape",),
    ("pipeline.owed", "pipeline.ratings"),
    ("pipeline.benchmarks.asked", "pipeline.benchmarks.harness"),
    ("pipeline.generate", "pipeline.answered", "pipeline.score"),
    ("pipeline.forms",),
    ("pipeline.demos",),
    ("pipeline.work",),
    (
        "pipeline.study",
        "pipeline.studycheck",
        "pipeline.gold",
        "pipeline.probes",
        "pipeline.store",
        "pipeline.pages",
        "pipeline.ledger",
        "pipeline.serving",
        "pipeline.direction",
        "pipeline.looks",
    ),
    ("pipeline.stats",),
    (
        "pipeline.arms",
        "pipeline.costs",
        "pipeline.ablations",
        "pipeline.claims",
        "pipeline.ladder",
        "pipeline.greedy",
        "pipeline.put",
    ),
    ("pipeline.bench",),
    ("pipeline.models",),
    (
        "pipeline.files",
        "pipeline.journal",
        "pipeline.records",
        "pipeline.tables",
        "pipeline.tasks",
        "pipeline.texts",
        "pipeline.wordforms",
        "pipeline.numerals",
        "pipeline.rubrics",
        "pipeline.findings",
        "pipeline.capacity",
        "pipeline.knobs",
        "pipeline.rungs",
        "pipeline.landscape.settings",
        "pipeline.extremes",
        "pipeline.benchmarks",
        "pipeline.rating.form",
    ),
    ("pipeline.errors", "pipeline.programs", "pipeline.columns", "pipeline.fields"),
    ("judges",),
)
"""Top to bottom: a module may import its own floor and those below it."""

LIVES = {
    "dspy": ("judges.form", "judges.judging", "pipeline.programs", "pipeline.models"),
    "gepa": ("pipeline.programs.evolving",),
    "krippendorff": ("pipeline.stats.alpha",),
    "openai": ("pipeline.models.openai_api",),
    "anthropic": ("pipeline.models.anthropic_api",),
    "httptools": ("pipeline.models.connections",),
    "xllamacpp": ("pipeline.models.gguf",),
    "lm_eval": ("pipeline.benchmarks.harness",),
    "datasets": ("pipeline.benchmarks.harness",),
    "gguf": ("pipeline.models.weights",),
    "yaml": ("pipeline.files",),
    "matplotlib": ("pipeline.pages",),
    "jinja2": ("pipeline.pages",),
    "tqdm": ("pipeline.progress",),
    "sqlalchemy": ("pipeline.rating.shelf", "pipeline.rating.stored"),
    "starlette": ("pipeline.rating.server", "pipeline.rating.gate"),
    "uvicorn": ("pipeline.rating.rate",),
}
"""Where alone each library may be imported. DSPy types are also named where calls are made."""

TYPES_OF_DSPY = (
    "pipeline.generate",
    "pipeline.preflight",
    "pipeline.forms",
    "pipeline.landscape.ask",
)


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in ("judges", "pipeline"):
        for path in sorted((ROOT / package).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            yield name.removesuffix(".__init__"), ast.parse(path.read_text("utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported anywhere in `tree`, for types or inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(module: str) -> int | None:
    """The floor of the narrowest room that holds a module."""
    found = [
        (len(x), height)
        for height, names in enumerate(FLOORS)
        for x in names
        if module == x or module.startswith(f"{x}.")
    ]
    return max(found)[1] if found else None


MODULES = dict(modules())


@pytest.mark.parametrize("module", [x for x in MODULES if x not in ("pipeline", "judges")])
def test_no_import_runs_up(module: str) -> None:
    mine = floor(module)
    assert mine is not None, "every module stands on a floor"
    for name in imports(MODULES[module]):
        other = floor(name)
        assert other is None or other >= mine, f"{module} imports {name}, which stands above it"


def test_judges_import_nothing_of_pipeline() -> None:
    for module, tree in MODULES.items():
        if module.startswith("judges"):
            assert not [x for x in imports(tree) if x.split(".")[0] == "pipeline"]


@pytest.mark.parametrize("room", ["pipeline.stats", "pipeline.pages"])
def test_statistics_and_pages_see_tables_and_slips_only(room: str) -> None:
    rooms = ("pipeline.tables", "pipeline.findings", "pipeline.stats", "pipeline.pages")
    allowed = (*rooms, "pipeline.rating.form", "pipeline.rungs")
    for module, tree in MODULES.items():
        if module.startswith(room):
            for name in imports(tree):
                assert not name.startswith("pipeline.") or name.startswith(allowed), (module, name)


@pytest.mark.parametrize("library", LIVES)
def test_each_library_lives_in_its_room(library: str) -> None:
    for module, tree in MODULES.items():
        if library in {name.split(".")[0] for name in imports(tree)}:
            rooms = LIVES[library] + (TYPES_OF_DSPY if library == "dspy" else ())
            assert module.startswith(rooms), f"{module} imports {library}"


def test_packages_hold_a_docstring_and_nothing_else() -> None:
    for package in ("judges", "pipeline"):
        for path in (ROOT / package).rglob("__init__.py"):
            assert len(ast.parse(path.read_text("utf-8")).body) == 1, path
