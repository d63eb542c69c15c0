"""GGUF files before they are loaded, and the embedded engine on one of them."""

from pathlib import Path

import pytest
import tiny_gguf
from conftest import Project

from pipeline import preflight, study
from pipeline.errors import UserError
from pipeline.models import weights


def trial(project: Project, file: Path, **fields: object) -> list[str]:
    """The faults of a study whose arms run `file`."""
    entry = {
        "provider": "gguf",
        "name": "tiny",
        "family": "t",
        "training": "base",
        "file": str(file),
        "fingerprint": weights.fingerprint(file) if file.is_file() else "0" * 16,
        "context_tokens": 512,
    } | fields
    project.models(big=entry, small=entry | {"context_tokens": 256})
    project.arm("high", "big")
    project.arm("low", "small")
    project.task("stone", "What?", "Что?")
    project.panel({"id": "length", "computed": "length"})
    project.study()
    design = study.load("trial", project.root)
    return preflight.model_faults(design.models["big"], design)


def test_a_good_file_has_no_faults(project: Project, tmp_path: Path) -> None:
    assert trial(project, tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)) == []


def test_a_file_without_a_chat_template_is_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512, template=False)
    (fault,) = trial(project, file)
    assert "has no chat template" in fault


def test_other_weights_than_declared_are_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    (fault,) = trial(project, file, fingerprint="1" * 16)
    assert weights.fingerprint(file) in fault


def test_a_window_beyond_the_model_is_refused(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    (fault,) = trial(project, file, context_tokens=4096)
    assert "context_tokens is 4096, the model was made for 512" in fault


@pytest.mark.parametrize("data", [b"", b"GGUF", b"not a model at all" * 100])
def test_what_is_no_gguf_is_refused(project: Project, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.gguf"
    file.write_bytes(data)
    (fault,) = trial(project, file)
    assert "is no GGUF file" in fault


def test_a_missing_file_is_named(project: Project, tmp_path: Path) -> None:
    (fault,) = trial(project, tmp_path / "none.gguf")
    assert "no such file" in fault


def test_quantisations_of_one_model_have_different_fingerprints(tmp_path: Path) -> None:
    files = [tiny_gguf.write(tmp_path / f"{x}.gguf", x, 512) for x in ("F16", "Q8_0", "Q4_0")]
    files.append(tiny_gguf.write(tmp_path / "other.gguf", "Q4_0", 512, seed=1))
    assert len({weights.fingerprint(x) for x in files}) == 4


def test_a_fingerprint_is_needed(project: Project, tmp_path: Path) -> None:
    file = tiny_gguf.write(tmp_path / "a.gguf", "Q4_0", 512)
    with pytest.raises(UserError, match=r"needs `fingerprint` \(`antipode doctor` prints it\)"):
        trial(project, file, fingerprint=None)
