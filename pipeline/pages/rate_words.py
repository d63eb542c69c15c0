"""What the rating page says in its own words, in both languages."""

from judges.rubric import Text

_PAIRS = {
    # the frame
    "skip": ("Skip to the page", "Сразу к странице"),
    "language": ("Language", "Язык"),
    "theme": ("Light or dark", "Светлая или тёмная тема"),
    "help": ("Keys and help", "Клавиши и подсказки"),
    "notices": ("Messages", "Сообщения"),
    "progress": ("Questions answered so far", "Пройдено вопросов"),
    "count": ("{done} of {all}", "{done} из {all}"),
    "left": ("· about {minutes}\u00a0min left", "· ещё примерно {minutes}\u00a0мин"),
    "no_script": (
        "This page needs scripts, and they are switched off in this browser.",
        "Странице нужны скрипты, а в этом браузере они выключены.",
    ),
    "reload": ("Reload the page", "Обновить страницу"),
    "close": ("Close", "Закрыть"),
    # the first screen
    "intro_time": ("One minute before you start", "Минута перед началом"),
    "intro_what": (
        "You will read answers to unusual tasks, one at a time. With each comes a question and a "
        "few levels, described in words: choose the one that fits the answer best. There is no "
        "right choice to be guessed; what counts is how you read it.",
        "Вы будете читать ответы на необычные задания, по одному. К каждому есть вопрос и "
        "несколько описанных уровней: выберите тот, который подходит лучше других. Угадывать "
        "«правильное» не надо, важно именно ваше впечатление.",
    ),
    "intro_blind": (
        "You are not told who wrote an answer, and need not wonder. A long answer is not yet a "
        "good one, nor is one you agree with. Opening lines, headings and lists count for nothing.",
        "Кто написал ответ, здесь не сказано, и гадать не нужно. Длинный ответ ещё не хороший, как "
        "и тот, с которым вы согласны. Вступления, заголовки и списки ничего не прибавляют.",
    ),
    "intro_length": (
        "Answers: {n}, about {minutes} min in all, in as many sittings as you like. You may "
        "stop at any moment, and for good, without giving a reason.",
        "Всего ответов:\u00a0{n}, это примерно {minutes}\u00a0мин, хоть за один присест, хоть за "
        "десять. Прекратить можно в любую минуту, в том числе совсем, и ничего не объясняя.",
    ),
    "intro_length_of": (
        "Answers: {n}, with {q} questions on them, about {minutes} min in all, in as many "
        "sittings as you like. You may stop at any moment, and for good, without giving a reason.",
        "Ответов:\u00a0{n}, вопросов к ним:\u00a0{q}. Всего это примерно {minutes}\u00a0мин, хоть "
        "за один присест, хоть за десять. Прекратить можно в любую минуту, в том числе совсем, и "
        "ничего не объясняя.",
    ),
    "intro_name": (
        "Your ratings are kept under the pseudonym “{rater}”. Beside them stand only your "
        "comments, the time each answer took, and whether you write, work in philosophy, or "
        "neither.",
        "Оценки хранятся под псевдонимом «{rater}». Рядом с ними только ваши комментарии, время, "
        "ушедшее на каждый ответ, и то, кто вы как читатель.",
    ),
    "intro_unnamed": (
        "Your ratings are kept under a pseudonym. Beside them stand only your comments, the time "
        "each answer took, and whether you write, work in philosophy, or neither.",
        "Оценки хранятся под псевдонимом. Рядом с ними только ваши комментарии, время, ушедшее на "
        "каждый ответ, и то, кто вы как читатель.",
    ),
    "intro_file": (
        "This page needs no internet. It keeps your ratings in this browser; at the end, or "
        "whenever you like, it makes a file that you send back.",
        "Интернет этой странице не нужен. Оценки остаются в этом браузере, а в конце или когда "
        "захотите она сделает файл, который надо отправить обратно.",
    ),
    "intro_server": (
        "Each rating is saved as soon as you give it. To go on elsewhere, open the same link "
        "there.",
        "Каждая оценка сохраняется сразу. Чтобы продолжить на другом устройстве, откройте там ту "
        "же ссылку.",
    ),
    "pseudonym": ("Choose a pseudonym", "Придумайте псевдоним"),
    "pseudonym_hint": (
        "Letters, digits, spaces, dots and hyphens; at most 40",
        "Буквы, цифры, пробелы, точки и дефисы, не больше 40",
    ),
    "pseudonym_first": (
        "Write a pseudonym: letters, digits, spaces, dots and hyphens, at most 40.",
        "Впишите псевдоним: буквы, цифры, пробелы, точки и дефисы, не больше 40.",
    ),
    "calling": ("Who are you, as a reader?", "Кто вы как читатель?"),
    "calling_writer": ("I write or edit", "Пишу или редактирую"),
    "calling_philosopher": ("I work in philosophy", "Занимаюсь философией"),
    "calling_other": ("Neither", "Ни то ни другое"),
    "calling_first": ("Say which of the three fits you.", "Отметьте, что из трёх вам подходит."),
    "start": ("Start with some practice", "Начать с пробы"),
    "start_bare": ("Start", "Начать"),
    "welcome_back": ("Welcome back", "С возвращением"),
    "paused": ("A pause", "Пауза"),
    "so_far": (
        "Questions answered so far: {done} of {all}.",
        "Пройдено вопросов: {done} из {all}.",
    ),
    "may_close": (
        "You may close this page; it opens again where you stopped.",
        "Страницу можно закрыть: она откроется на том же месте.",
    ),
    "may_not_close": (
        "Some ratings are not saved yet. Please leave this page open, or save a copy of them.",
        "Часть оценок ещё не сохранена. Не закрывайте страницу или сохраните копию.",
    ),
    "resume": ("Go on with answer {n}", "Продолжить с ответа {n}"),
    "again_intro": ("Read the introduction again", "Перечитать вступление"),
    "take_in": (
        "Go on from a copy saved on another device",
        "Продолжить с копии, сохранённой на другом устройстве",
    ),
    # practice
    "practice_title": ("Practice {n} of {all}", "Проба {n} из {all}"),
    "practice_lead": (
        "This one does not count. Choose a level as you would later, then see what the authors of "
        "the scale would say.",
        "Эта оценка не считается. Выберите уровень, как будете потом, и сравните с мнением авторов "
        "шкалы.",
    ),
    "check": ("Compare", "Сравнить"),
    "feedback": ("Feedback", "Комментарий авторов"),
    "practice_same": (
        "You chose {mine}, and so would the authors: “{name}”.",
        "Вы выбрали {mine}, и авторы тоже: «{name}».",
    ),
    "practice_near": (
        "You chose {mine}; the authors lean to {level}, “{name}”. A step apart is common.",
        "Вы выбрали {mine}, авторы скорее за {level}: «{name}». На ступень расходятся часто.",
    ),
    "practice_far": (
        "You chose {mine}; the authors would say {level}, “{name}”. Here is how they see it.",
        "Вы выбрали {mine}, авторы сказали бы {level}: «{name}». Вот как они рассуждают.",
    ),
    "practice_next": ("On to the next practice answer", "К следующему пробному ответу"),
    "practice_done": ("On to the real answers", "К настоящим ответам"),
    # one answer
    "item_title": ("Answer {n} of {all}", "Ответ {n} из {all}"),
    "item_title_of": (
        "Answer {n} of {all}, question {q} of {of}",
        "Ответ {n} из {all}, вопрос {q} из {of}",
    ),
    "spot": ("{n}, question {q}", "{n}, вопрос {q}"),
    "item_revised": ("Answer {n} once more", "Ещё раз ответ {n}"),
    "revised_lead": (
        "You rated this one before; change what you like, or go on.",
        "Этот ответ вы уже оценили. Исправьте, что хотите, или идите дальше.",
    ),
    "task": ("Task", "Задание"),
    "answer": ("Answer", "Ответ"),
    "empty_answer": ("(The answer is empty.)", "(Ответ пустой.)"),
    "all_levels": ("All levels", "Все уровни"),
    "to_text": ("Back to the text", "Назад к тексту"),
    "fresh": ("Another question now", "Теперь другой вопрос"),
    "cannot": ("I cannot judge", "Не могу оценить"),
    "reasons": ("Why not?", "Почему?"),
    "reason_unclear": ("I do not understand the text", "Не понимаю, о чём текст"),
    "reason_broken": ("It is cut off, or no answer at all", "Он оборван, или это вовсе не ответ"),
    "reason_language": (
        "I do not know this language well enough",
        "Недостаточно знаю этот язык",
    ),
    "reason_unwilling": ("I would rather not read this", "Не хочу такое читать"),
    "reason_other": ("Something else (say what)", "Другое (напишите, что)"),
    "comment": ("Comment (optional)", "Комментарий (по желанию)"),
    "go_on": ("Save and go on", "Сохранить и дальше"),
    "go_back": ("Save and return", "Сохранить и вернуться"),
    "choose_first": (
        "Choose a level first, or “I cannot judge”.",
        "Сначала выберите уровень или «Не могу оценить».",
    ),
    "reason_first": ("Say why it cannot be judged.", "Отметьте, почему оценить нельзя."),
    "comment_first": ("Say in the comment what it is.", "Напишите в комментарии, в чём дело."),
    "pause": ("Pause", "Пауза"),
    "recent": ("Last ten", "Последние десять"),
    "recent_title": ("The answers you rated last", "Что вы оценили последним"),
    "recent_none": ("Nothing has been rated yet.", "Пока ничего не оценено."),
    "recent_line": ("Answer {n}:", "Ответ {n}:"),
    "recent_cannot": ("cannot judge", "не могу оценить"),
    # what became of it
    "saving": ("Saving …", "Сохраняю…"),
    "saved_file": ("Answer {n} is saved in the browser", "Ответ {n}: сохранено в браузере"),
    "saved_server": ("Answer {n} is saved", "Ответ {n}: сохранено"),
    "not_saved": ("Not saved yet: {n}", "Ещё не сохранено: {n}"),
    "waiting": (
        "Not saved yet: {n}. Nothing is lost: the page tries again by itself. You may go on "
        "rating.",
        "Ещё не сохранено: {n}. Ничего не пропало: страница попробует снова сама. Можно оценивать "
        "дальше.",
    ),
    "waiting_network": ("The server cannot be reached.", "Сервер недоступен."),
    "waiting_slow": ("The server is busy.", "Сервер перегружен."),
    "waiting_link": (
        "Not saved yet: {n}. This page no longer has your link: another one has been opened in "
        "this browser, or yours has ended. Open your own link once more, and what is waiting here "
        "will be saved.",
        "Ещё не сохранено: {n}. Страница осталась без вашей ссылки: в этом браузере открыли другую "
        "или ваша больше не действует. Откройте свою ссылку ещё раз, и всё, что здесь ждёт, "
        "сохранится.",
    ),
    "waiting_status": ("The server answered {status}.", "Сервер ответил {status}."),
    "try_now": ("Try now", "Попробовать сейчас"),
    "copy": ("Save a copy of what you have so far", "Сохранить копию сделанного"),
    "copied": ("Handed to the browser: {name}", "Передано браузеру: {name}"),
    "copy_unreadable": (
        "This file cannot be read as a copy; choose the one that ends in .json.",
        "Этот файл не похож на копию; выберите тот, что кончается на .json.",
    ),
    "copy_foreign": (
        "This file was saved from another page than this one.",
        "Этот файл сохранён с другой страницы.",
    ),
    "copy_taken": ("Ratings taken in: {n}", "Принято оценок: {n}"),
    "no_storage": (
        "This browser does not let the page keep anything. Do not close it before you have saved a "
        "copy.",
        "Этот браузер не даёт странице ничего хранить. Не закрывайте её, пока не сохраните копию.",
    ),
    "clash": (
        "Answer {n}: it was also rated in another window or on another device. There: {theirs}. "
        "Here: {mine}. Which one shall stand?",
        "Ответ {n}: оценка есть ещё и в другом окне или на другом устройстве. Там: {theirs}. "
        "Здесь: {mine}. Что оставить?",
    ),
    "clash_theirs": ("Keep the other one", "Оставить то"),
    "clash_mine": ("Keep this one", "Оставить это"),
    "closed_line": ("{title}: {said}", "{title}: {said}"),
    "closed_kept": (
        "Ratings that came too late: {n}. They are kept in this browser and in the copy.",
        "Оценок, которые опоздали: {n}. Они остаются в этом браузере и в копии.",
    ),
    "broken": (
        "Something on this page went wrong ({message}). What was saved stays saved. Reload the "
        "page; if it happens again, tell whoever sent it to you.",
        "На странице что-то сломалось ({message}). Сохранённое никуда не денется. Обновите "
        "страницу; если повторится, напишите тому, кто её прислал.",
    ),
    # the end
    "end_title": ("That was the last one. Thank you!", "Это был последний ответ. Спасибо!"),
    "end_waiting": (
        "Everything is rated, but not all of it is saved yet. Please leave the page open.",
        "Всё оценено, но сохранено ещё не всё. Пожалуйста, не закрывайте страницу.",
    ),
    "end_server": (
        "Everything is saved. You may close the page.",
        "Всё сохранено. Страницу можно закрыть.",
    ),
    "end_stranded": (
        "Everything is rated, and all of it is saved but what came too late: {n}. Save the file "
        "and send it to whoever invited you: they may still take it in.",
        "Всё оценено, и сохранено всё, кроме опоздавшего (оценок: {n}). Сохраните файл и отправьте "
        "тому, кто вас пригласил: опоздавшее ещё могут принять.",
    ),
    "end_file": (
        "One thing is left: save the file and send it back to whoever sent you this page.",
        "Осталось одно: сохраните файл и отправьте его тому, кто прислал вам эту страницу.",
    ),
    "end_late": (
        "The last ten may still be changed.",
        "Последние десять ещё можно исправить.",
    ),
    "save_json": ("Save the file to send back", "Сохранить файл для отправки"),
    "save_csv": ("The same as a table (CSV)", "То же таблицей (CSV)"),
    # the keys
    "keys_title": ("Keys", "Клавиши"),
    "key_levels": ("choose a level", "выбрать уровень"),
    "key_arrows": ("one level down or up", "уровнем ниже или выше"),
    "key_enter": ("save and go on", "сохранить и дальше"),
    "key_x": ("cannot judge", "не могу оценить"),
    "key_c": (
        "comment; Esc leaves it, Ctrl+Enter goes on",
        "комментарий; Esc — выйти, Ctrl+Enter — дальше",
    ),
    "key_b": ("the answer before", "к предыдущему ответу"),
    "key_t": ("to the top of the text", "к началу текста"),
    "key_help": ("this list", "этот список"),
    "keys_layout": (
        "Letters work in any keyboard layout: the same key counts.",
        "Раскладку переключать не нужно: важна сама клавиша.",
    ),
    "letters": ("Single keys work", "Одиночные клавиши действуют"),
}  # fmt: skip

WORDS: dict[str, Text] = {key: Text(en=en, ru=ru) for key, (en, ru) in _PAIRS.items()}
