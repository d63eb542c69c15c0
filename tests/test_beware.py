"""What must be said before the figures is said once."""

from judges.rubric import Text
from pipeline import beware
from pipeline.verifying.compare import Check


def test_one_contradiction_of_many_arms_is_one_line() -> None:
    def check(answers: int) -> Check:
        words = Text(
            en=f"0 of {answers} answers were thought about",
            ru=f"с размышлением 0 из {answers} ответов",
        )
        known = ("profile.thinking.mode", "unlimited", 0, "answers", False, "thought", None, words)
        return Check(*known)

    fine = Check("model.name", "big", "big", "listed", True, "name")
    arms = {f"high+{n}": (check(32), fine) for n in range(10)}
    (line,) = beware.contradictions({"high": (check(31),), **arms, "low": (fine,)})
    assert line.en.startswith("Arms are not what their files say: profile.thinking.mode")
    assert "0 of 31 answers were thought about; 0 of 32 answers were thought about" in line.en
    assert "(11: high, high+0," in line.en
    assert "low" not in line.en.replace("below", "")
    (alone,) = beware.contradictions({"high": (check(31),)})
    assert alone == Text(
        en="high is not what its files say: profile.thinking.mode is declared as unlimited, but "
        "the answers show otherwise: 0 of 31 answers were thought about.",
        ru="high — не то, что сказано в его файлах: profile.thinking.mode заявлено как unlimited, "
        "а на деле иначе (сами ответы): с размышлением 0 из 31 ответов.",
    )
