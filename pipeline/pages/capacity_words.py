"""The words of the report on profiles: what is asked of the two ends, what they are, and marks."""

CAPACITY: dict[str, tuple[str, str]] = {
    "capacity": ("Profiles: asked, actual, met", "Профили: требуется, есть, выполнено"),
    "capacity_key": (
        "The two ends of the study as they were defined before it, and the arms that play them. "
        "More than a range asks is not met either: the ends would be other ones. An end that is "
        "not met does not spoil the comparison; it says what was compared.",
        "Два полюса исследования, как они были определены заранее, и модели, которые их "
        "представляют. Больше, чем требует диапазон, тоже не выполнено: полюса были бы другими. "
        "Невыполненное условие не портит сравнения, а говорит, что с чем сравнивали.",
    ),
    "capacity_table": ("The eight rows of both ends", "Восемь условий на обоих полюсах"),
    "capacity_row": ("row", "условие"),
    "capacity_asked": ("asked", "требуется"),
    "capacity_actual": ("actual", "есть"),
    "capacity_met": ("met", "выполнено"),
    "met_yes": ("yes", "да"),
    "met_no": ("no", "нет"),
    "met_not known": ("not known", "неизвестно"),
    "arms": ("The two arms", "Два полюса"),
    "arms_table": ("Every setting, and how it is known", "Каждая настройка и откуда она известна"),
    "arms_key": (
        "Rows in bold differ between the arms. What the marks mean:",
        "Жирным набраны строки, в которых полюса различаются. Что значат пометки:",
    ),
    "mark_verified": ("verified", "проверена"),
    "mark_enforced": ("enforced", "задана"),
    "mark_declared": ("declared", "заявлена"),
    "mark_refused": ("refused", "отклонена"),
    "mark_contradicted": ("contradicted", "опровергнута"),
    "mark_verified_means": (
        "the file, the server or the answers showed it",
        "её показали файл, сервер или сами ответы",
    ),
    "mark_enforced_means": (
        "sent with every request, or loaded into the engine",
        "передаётся с каждым запросом или задана движку при загрузке модели",
    ),
    "mark_declared_means": (
        "stated in the study’s files, not checked",
        "указана в файлах исследования, но не проверена",
    ),
    "mark_refused_means": (
        "not accepted by the provider, so it had no effect",
        "провайдер её не принимает, поэтому она не подействовала",
    ),
    "mark_contradicted_means": (
        "something else was shown than was declared",
        "на деле оказалось не то, что заявлено",
    ),
    "mark_found": ("found: {found}", "на деле: {found}"),
    "mark_by": ("shown by {source}", "откуда: {source}"),
}
