"""What the report says in its own words, in both languages."""

from judges.rubric import Text
from pipeline.pages.audit_words import AUDIT
from pipeline.pages.belief_words import BELIEF
from pipeline.pages.capacity_words import CAPACITY
from pipeline.pages.climb_words import CLIMB
from pipeline.pages.headline_words import HEADLINE
from pipeline.pages.landscape_words import LANDSCAPE
from pipeline.pages.standing_words import STANDING

_PAIRS = {
    # the frame of the page
    "language": ("Language", "Язык"),
    "theme": ("Light or dark", "Светлая или тёмная тема"),
    "theme_turn": ("Light / dark", "Светлая / тёмная"),
    "skip": ("Skip to the results", "Сразу к результатам"),
    "contents": ("Contents", "Содержание"),
    "report": ("Antipode report", "Отчёт «Антипода»"),
    "facts": ("Made with", "Версии программ и файлы"),
    "fact_answers written": ("answers written", "ответы записаны"),
    "fact_none": ("none", "нет"),
    "fact_span": ("{first} to {last} UTC", "с {first} по {last} UTC"),
    "fact_at": ("{first} UTC", "{first} UTC"),
    "fact_records": ("{count} records, {digest}", "записей: {count}, {digest}"),
    "no_script": (
        "Scripts are off, so the reader of single answers and the switches of language and of "
        "light and dark are missing. All else is on this page.",
        "Скрипты выключены, поэтому нет чтения отдельных ответов и переключателей языка и темы. "
        "Остальное на этой странице есть, но по-английски.",
    ),
    "partial": (
        "Partial: {owed} still owed. Every figure below may change.",
        "Отчёт неполный: не хватает вызовов\u00a0— {owed}. Любая цифра ниже может измениться.",
    ),
    "compared": (
        "Two arms are compared: HiCap is {high_arm} (“{high}”, model {high_model}), LoCap is "
        "{low_arm} (“{low}”, model {low_model}). Both were given the same {tasks} in {languages}; "
        "{answers} came back. {judges} scored them on {rubrics}.",
        "Сравниваются два полюса: HiCap — это {high_arm} («{high}», модель {high_model}), LoCap — "
        "{low_arm} («{low}», модель {low_model}). Оба получили одни и те же задания "
        "(всего\u00a0{tasks}), языки: {languages}. Получено ответов:\u00a0{answers}; "
        "судей:\u00a0{judges}, рубрик:\u00a0{rubrics}.",
    ),
    "kept_table": (
        "What the answers keep of what their tasks set, told by code",
        "Что ответы соблюли из заданного — проверено программой",
    ),
    "kept_key": (
        "Nobody judged this: words are counted, demanded and planted ones are looked for. Each "
        "answer’s own checks are in checks.csv.",
        "Этого никто не оценивал: слова сосчитаны, обязательные и спрятанные найдены поиском. По "
        "каждому ответу — в checks.csv.",
    ),
    "check": ("what was set", "что задано"),
    "kept": ("kept", "соблюли"),
    "kept_of": ("of", "из"),
    "kept_share": ("share", "доля"),
    "check_words_at_most": ("no more words than allowed", "слов не больше, чем разрешено"),
    "check_words_at_least": ("no fewer words than asked", "слов не меньше, чем нужно"),
    "check_uses": ("every demanded word is there", "все обязательные слова на месте"),
    "check_avoids": ("no forbidden word", "запретных слов нет"),
    "check_planted": ("the planted detail is found", "спрятанная деталь найдена"),
    "compared_systems": (
        "{high} is set beside {low}; all that is known are ratings. {judges} scored {answers} on "
        "{rubrics}.",
        "Сравниваются {high} и {low}, по одним только оценкам. Ответов:\u00a0{answers}; "
        "судей:\u00a0{judges}, рубрик:\u00a0{rubrics}.",
    ),
    "system_high": ("high end", "верхний полюс"),
    "system_low": ("low end", "нижний полюс"),
    "how_simulated": ("drawn from a seed", "случайные числа"),
    "how_recorded": ("taken as published", "взято готовым"),
    "compared_ratings": (
        "No arms are compared; all that is known are ratings. {judges} scored {answers} on "
        "{rubrics}.",
        "Полюсы не сравниваются: даны одни оценки. Ответов:\u00a0{answers}; "
        "судей:\u00a0{judges}, рубрик:\u00a0{rubrics}.",
    ),
    "compared_people": (
        "{rated} of the answers also have reference ratings, from {people}.",
        "Есть и эталонные оценки (оценщиков:\u00a0{people}, оценено ответов:\u00a0{rated}).",
    ),
    "compared_nobody": (
        "No person has rated any of them yet.", "Люди этих ответов пока не оценивали.",
    ),
    "conclusion": ("What may be concluded", "Что отсюда следует"),
    "warnings": ("Before you believe a figure", "Прежде чем верить цифрам"),
    "in_en": ("English", "английский"),
    "in_ru": ("Russian", "русский"),
    "and": ("and", "и"),
    # words shared by several tables
    "arm": ("arm", "полюс"),
    "asked_in": ("language", "язык"),
    "hicap": ("HiCap", "HiCap"),
    "locap": ("LoCap", "LoCap"),
    "rubric": ("rubric", "рубрика"),
    "note": ("note", "примечание"),
    "alike": ("{value} on every task", "{value} в каждом задании"),
    "alike_drawn": ("{value} on every task", "{value} всюду"),
    "every_row": ("In every row: {note}.", "В каждой строке: {note}."),
    "kind": ("kind of task", "вид заданий"),
    "judge": ("judge", "судья"),
    "model": ("model", "модель"),
    "family": ("family", "семейство"),
    "none": ("–", "–"),
    "unknown": ("unknown", "неизвестно"),
    "kind_creative": ("creative", "творчество"),
    "kind_long_chain": ("long chains", "длинные цепочки"),
    "kind_irony": ("irony", "ирония"),
    "kind_ontology": ("ontology", "онтология"),
    "kind_meta_reflection": ("meta-reflection", "метарефлексия"),
    "kind_philosophical": ("philosophical", "философия"),
    "all_kinds": ("all tasks", "все задания"),
    "difference": ("gap", "разрыв"),
    "tasks": ("tasks", "заданий"),
    # what became of the answers
    "completion": ("What became of the answers", "Что стало с ответами"),
    "completion_table": ("Answers per arm and language", "Ответы по полюсам и языкам"),
    "wanted": ("asked for", "запрошено"),
    "complete": ("complete", "закончен"),
    "truncated": ("cut off", "оборван"),
    "refused": ("refused", "отказ"),
    "empty": ("empty", "пустой"),
    "overflow": ("did not fit the window", "не вместился в окно"),
    "owed": ("still owed", "ещё не получен"),
    # the two arms
    "field": ("field", "поле"),
    "title": ("title", "название"),
    "training": ("training", "обучение"),
    "field_parameters_billion": ("parameters, billion", "параметров, млрд"),
    "field_quantisation": ("quantisation", "квантование"),
    "field_weight_bits": ("bits per weight", "бит на вес"),
    "field_experts.total": ("experts", "экспертов"),
    "field_experts.active": ("experts at work on a token", "экспертов на один токен"),
    "field_experts.size_billion": ("parameters of an expert, billion", "параметров эксперта, млрд"),
    "field_context_tokens": ("window, tokens", "окно, токенов"),
    "field_thinking.mode": ("thinking", "размышление"),
    "field_thinking.seconds": ("thinking, seconds", "размышление, секунд"),
    "field_extras": ("extras of the architecture", "добавки к архитектуре"),
    "field_inference": ("inference settings", "настройки инференса"),
    "value_none": ("none", "нет"),
    "value_defaults": ("defaults", "по умолчанию"),
    "value_tuned": ("tuned", "подобраны"),
    "value_capped": ("capped", "с ограничением"),
    "value_unlimited": ("unlimited", "без ограничения"),
    "value_not published": ("not published", "не опубликовано"),
    "value_base": ("base", "базовая"),
    "value_instruct": ("instruct", "обучена следовать указаниям"),
    "value_fine-tuned": ("fine-tuned", "дообучена"),
    "value_recorded": ("recorded", "записанные ответы"),
    "value_written": ("written", "написанные тексты"),
    "value_not a model": ("not a model", "не модель"),
    # the judges
    "judges": ("The judges", "Судьи"),
    "judges_table": ("Who judged, and how", "Кто судил и как"),
    "scoring": ("score taken from", "откуда оценка"),
    "how_stated": ("its words", "названа самим судьёй"),
    "how_measured": ("its token probabilities", "из вероятностей токенов"),
    "how_computed": ("a count over the text", "из подсчёта по тексту"),
    "draws": ("draws", "повторов"),
    "remark": ("remark", "замечание"),
    "own_family": ("own family: {arms}", "своё семейство: {arms}"),
    "floor": ("baseline: counts words only", "нижняя планка: только считает"),
    # money and time
    "cost": ("Cost and time", "Стоимость и время"),
    "cost_table": ("Calls to models, per arm and judge", "Вызовы моделей по полюсам и судьям"),
    "cost_key": (
        "Calls are requests sent, tries again included: an answer in two turns takes two. Time is "
        "summed over calls, many of which ran at once; that of failed calls is not counted. A cost "
        "is unknown where a model’s price or token count is not known; it is not 0.",
        "Вызовы\u00a0— это отправленные запросы с повторными вместе: ответ в два хода берёт два. "
        "Время сложено по вызовам, многие из которых шли одновременно; время неудачных вызовов не "
        "учтено. Стоимость неизвестна там, где неизвестны цена модели или число токенов; это не 0.",
    ),
    "cost_none": ("No model was asked.", "Ни одна модель не вызывалась."),
    "stage": ("stage", "этап"),
    "stage_answers": ("answers", "ответы"),
    "stage_verdicts": ("verdicts", "вердикты"),
    "stage_superseded": (
        "asked earlier, no longer used",
        "запрошено раньше, больше не используется",
    ),
    "stage_failed": ("failed calls", "неудачные вызовы"),
    "who": ("who", "кто"),
    "calls": ("calls", "вызовов"),
    "tokens_in": ("tokens in", "токенов на входе"),
    "tokens_out": ("tokens out", "токенов на выходе"),
    "tokens_thinking": ("of these thinking", "из них на размышление"),
    "time": ("time", "время"),
    "money": ("cost", "стоимость"),
    "money_unknown": ("unknown", "неизвестна"),
    "at_least": ("at least {cost}; the rest unknown", "не меньше {cost}; остальное неизвестно"),
    "total": ("total", "итого"),
    # what failed
    "failures": ("What failed", "Что не удалось"),
    "failures_table": ("Failed calls by kind", "Неудачные вызовы по видам"),
    "failures_key": (
        "A failed call is asked again and scores nothing.",
        "Неудачный вызов повторяется и никому не ставит оценки.",
    ),
    "failures_none": ("No call failed.", "Неудачных вызовов нет."),
    "fault": ("kind of fault", "вид сбоя"),
    "fault_auth": ("access refused", "отказ в доступе"),
    "fault_billing": ("not paid for", "не оплачено"),
    "fault_rate_limit": ("too many requests", "слишком много запросов"),
    "fault_timeout": ("no reply in time", "нет ответа в срок"),
    "fault_transport": ("no connection", "нет связи"),
    "fault_server": ("fault of the server", "сбой на сервере"),
    "fault_overflow": ("longer than the window", "не поместилось в окно"),
    "fault_unknown_model": ("unknown model", "неизвестная модель"),
    "fault_invalid_request": ("request refused", "запрос отклонён"),
    "fault_unsupported": ("not supported", "не поддерживается"),
    "fault_refusal": ("refused to judge", "отказ судить"),
    "fault_truncated": ("cut off", "ответ оборван"),
    "fault_no_logprobs": ("no token probabilities", "нет вероятностей токенов"),
    "fault_parse": ("reply not readable", "ответ не разобрать"),
    "last_message": ("last message", "последнее сообщение"),
    "owed_calls": ("still owed", "ещё не сделано"),
    # the rubrics
    "rubrics": ("The rubrics", "Рубрики"),
    "question": ("Question", "Вопрос"),
    "look_for": ("Look for", "На что смотреть"),
    "ignore": ("Ignore", "Чего не учитывать"),
    "boundary": ("What belongs to other rubrics", "Что относится к другим рубрикам"),
    "levels": ("Levels, worst to best", "Уровни от худшего к лучшему"),
    "example": ("Example", "Пример"),
    # the reader; its script takes all that begins with reader_
    "reader": ("Read the answers", "Читать ответы"),
    "reader_loading": ("Unpacking the answers …", "Распаковываю ответы…"),
    "reader_broken": (
        "The answers could not be unpacked. A browser of 2024 or later opens them.",
        "Не удалось распаковать ответы. Нужен браузер 2024 года или новее.",
    ),
    "reader_empty": ("There are no answers yet.", "Ответов пока нет."),
    "reader_filters": ("Choose answers", "Выбрать ответы"),
    "reader_any": ("all", "все"),
    "reader_any_mark": ("every answer", "все ответы"),
    "reader_arm": ("Arm", "Полюс"),
    "reader_task": ("Task", "Задание"),
    "reader_kind": ("Kind of task", "Вид заданий"),
    "reader_language": ("Language", "Язык"),
    "reader_rubric": ("Rubric", "Рубрика"),
    "reader_judge": ("Judge", "Судья"),
    "reader_low": ("Mean from", "Среднее от"),
    "reader_high": ("to", "до"),
    "reader_mark": ("Pick out", "Отобрать"),
    "reader_mark_missing": ("a quote is not in the answer", "цитаты нет в ответе"),
    "reader_mark_abstained": ("a judge gave no score", "судья не поставил оценку"),
    "reader_mark_people": ("people rated it", "есть оценки людей"),
    "reader_mark_finish": ("the answer is not complete", "ответ не закончен"),
    "reader_reset": ("Clear", "Сбросить"),
    "reader_shown": ("{shown} of {all} answers", "Показано ответов: {shown} из {all}"),
    "reader_columns": ("Panel mean: {rubrics}", "Среднее панели: {rubrics}"),
    "reader_list": ("Answers", "Ответы"),
    "reader_nothing": ("No answer fits these filters.", "Под эти условия ничего не подходит."),
    "reader_previous": ("Previous", "Предыдущий"),
    "reader_next": ("Next", "Следующий"),
    "reader_compare": ("Both arms side by side", "Оба полюса рядом"),
    "reader_alone": (
        "The other arm has no answer to this task.",
        "У другого полюса ответа на это задание нет.",
    ),
    "reader_draw": ("draw {draw}", "повтор {draw}"),
    "reader_seconds": ("{n} s", "{n} с"),
    "reader_tokens": ("tokens: {n}", "токенов: {n}"),
    "reader_found": ("written in: {language}", "язык текста: {language}"),
    "reader_no_text": ("There is no answer to judge.", "Судить нечего: ответа нет."),
    "reader_said": ("Said instead", "Вместо ответа сказано"),
    "reader_reasoning": ("Its reasoning (not judged)", "Ход рассуждений (не оценивается)"),
    "reader_median": ("median {score}", "медиана {score}"),
    "reader_mean": ("mean {score}", "среднее {score}"),
    "reader_spread": ("judges from {low} to {high}", "судьи: от {low} до {high}"),
    "reader_unanimous": ("all judges: {score}", "все судьи: {score}"),
    "reader_panel": ("Panel", "Панель"),
    "reader_no_panel": ("the panel gave no score", "оценки панели нет"),
    "reader_no_score": ("no score", "без оценки"),
    "reader_not_there": ("not in the answer", "в ответе этого нет"),
    "reader_person": ("rater", "оценщик"),
    "reader_expectation": ("mean level {score}", "средний уровень {score}"),
    "reader_shares": ("Probability of each level: {shares}", "Вероятности уровней: {shares}"),
    "reader_no_verdicts": ("No verdict here.", "Вердиктов нет."),
    "reader_calibrated": ("people would say {score}", "люди сказали бы {score}"),
    "reader_calibrated_span": (
        "people would say {score} ({low} to {high})",
        "люди сказали бы {score} (от {low} до {high})",
    ),
    "reader_no_texts": (
        "The texts of these answers are not kept here, only their ratings.",
        "Тексты этих ответов здесь не хранятся, только оценки.",
    ),
    "reader_text_unkept": ("The text is not kept here.", "Текст здесь не хранится."),
}  # fmt: skip

WORDS: dict[str, Text] = {
    key: Text(en=en, ru=ru)
    for key, (en, ru) in (
        _PAIRS | BELIEF | HEADLINE | STANDING | AUDIT | CAPACITY | CLIMB | LANDSCAPE
    ).items()
}
