"""A small project in a folder of its own, for tests that run a whole study."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from fake_server import FakeServer, running

ROOT = Path(__file__).resolve().parents[1]


class Project:
    """A project folder whose YAML files a test writes as plain values."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("data/studies", "data/arms", "data/tasks", "data/gold", "judges/panels"):
            (root / folder).mkdir(parents=True)
        shutil.copytree(ROOT / "rubrics", root / "rubrics")

    def write(self, path: str, value: object) -> Path:
        """Put `value` at `path` as YAML."""
        file = self.root / path
        file.write_text(yaml.safe_dump(value, allow_unicode=True, sort_keys=False), "utf-8")
        return file

    def models(self, **entries: dict[str, object]) -> None:
        """The catalogue."""
        self.write("data/models.yaml", {"models": entries})

    def task(self, name: str, en: str, ru: str, **more: object) -> None:
        """One task."""
        base = {"id": name, "kind": "creative", "title": {"en": name, "ru": name}}
        self.write(f"data/tasks/{name}.yaml", {**base, "text": {"en": en, "ru": ru}, **more})

    def arm(self, name: str, model: str, **sampling: object) -> None:
        """One arm with a bare profile."""
        profile = {
            "quantisation": "not stated",
            "thinking": {"mode": "none"},
            "inference": "defaults",
        }
        self.write(
            f"data/arms/{name}.yaml",
            {
                "id": name,
                "title": {"en": name, "ru": name},
                "model": model,
                "sampling": sampling,
                "profile": profile,
            },
        )

    def thinking(self, *names: str) -> None:
        """Let the profiles of arms say that they think."""
        for name in names:
            path = self.root / f"data/arms/{name}.yaml"
            path.write_text(path.read_text("utf-8").replace("mode: none", "mode: capped"), "utf-8")

    def panel(self, *judges: dict[str, object], name: str = "panel_of_test") -> None:
        """The panel."""
        self.write(f"judges/panels/{name}.yaml", {"id": name, "judges": list(judges)})

    def study(self, name: str = "trial", **fields: object) -> None:
        """The study; what is not given is the smallest that makes sense."""
        base: dict[str, object] = {
            "name": name,
            "title": {"en": name, "ru": name},
            "arms": {"hicap": "high", "locap": "low"},
            "tasks": "all",
            "languages": ["en"],
            "rubrics": ["irony"],
            "panel": "panel_of_test",
        }
        self.write(f"data/studies/{name}.yaml", base | fields)

    def lines(self, name: str, study: str = "trial") -> list[bytes]:
        """The lines of a file of the run."""
        file = self.root / "data" / "runs" / study / f"{name}.jsonl"
        return file.read_bytes().splitlines(keepends=True) if file.exists() else []


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """An empty project with the shipped rubrics."""
    root = tmp_path / "проект с пробелом"
    root.mkdir()
    return Project(root)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """A server that fails as it is told to."""
    with running() as found:
        yield found


@pytest.fixture
def served(project: Project, server: FakeServer) -> Project:
    """A study of two arms and one judge, all on the fake server: one task, four answers."""
    price = {"input_per_million": 1, "output_per_million": 2}
    base = {
        "provider": "openai-compatible",
        "name": "fake",
        "training": "instruct",
        "base_url": server.address,
        "price": price,
        "limits": {"concurrency": 4},
    }
    project.models(
        big={**base, "family": "big", "quantisation": "none"},
        small={**base, "family": "small", "quantisation": "q4"},
        judge={**base, "family": "judge", "context_tokens": 16384},
    )
    project.arm("high", "big", temperature=0.5, max_tokens=100)
    project.arm("low", "small", max_tokens=50)
    project.task("stone", "What does the stone think?", "О чём думает камень?")
    project.panel({"id": "one", "model": "judge", "sampling": {"max_tokens": 200}})
    project.study(languages=["ru", "en"])
    return project
