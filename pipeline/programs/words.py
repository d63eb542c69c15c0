"""What the knobs of an arm add to a task, in both languages. Judges never see it."""

from judges.verdict import Language

INSTRUCTIONS: dict[Language, str] = {
    "en": (
        "Before you write, settle in your mind: what the task takes for granted; which reading of "
        "it comes first to everybody, and what it leaves out; what two things in it pull apart. "
        "Then write one answer that keeps that pull. Start from something concrete; let every "
        "paragraph go on from the one before; say nothing that would fit any other task. Read it "
        "over once: strike what is general, what is said twice, and any summing up. Keep to the "
        "form that the task asks for."
    ),
    "ru": (
        "Прежде чем писать, решите про себя: что задание принимает как само собой разумеющееся; "
        "какое его прочтение первым приходит в голову каждому и что оно упускает; какие две вещи в "
        "нём тянут в разные стороны. Затем напишите один ответ, который это напряжение удержит. "
        "Начните с конкретного; пусть каждый абзац продолжает предыдущий; не говорите того, что "
        "подошло бы к любому другому заданию. Перечитайте один раз: вычеркните общее, сказанное "
        "дважды и всякое подведение итогов. Держитесь той формы, о которой просит задание."
    ),
}
"""Detailed instructions, which stand before the task."""

THINK: dict[Language, str] = {
    "en": "Do not answer yet. First think about this task aloud, in rough notes to yourself:",
    "ru": "Пока не отвечайте. Сначала подумайте над заданием вслух, черновыми заметками для себя:",
}
NOW: dict[Language, str] = {
    "en": "Now write the answer itself, and nothing of the notes.",
    "ru": "Теперь напишите сам ответ, без заметок.",
}
PICK: dict[Language, str] = {
    "en": (
        "Above are {count} answers to one task, each under its number. Which of them thinks "
        "furthest: sees more in the task than the others do, and says it without common phrases? "
        "Reply with its number alone."
    ),
    "ru": (
        "Выше под номерами стоят ответы на одно задание, их {count}. Какой из них думает дальше "
        "всех: видит в задании больше других и обходится без общих фраз? Напишите только его номер."
    ),
}
TASK: dict[Language, str] = {"en": "The task", "ru": "Задание"}


def aloud(task: str, language: Language) -> str:
    """What is put to a model that is to think aloud about `task` before it answers."""
    return f"{task}\n\n{THINK[language]}"
