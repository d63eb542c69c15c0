"""The tables in which ratings are stored, and the statements that every save makes."""

import sqlalchemy as sa

META = sa.MetaData()
HANDOUTS = sa.Table(
    "handouts",
    META,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)
RATERS = sa.Table(
    "raters",
    META,
    sa.Column("handout", sa.String(32), primary_key=True),
    sa.Column("rater", sa.String(40), primary_key=True),
    sa.Column("token", sa.String(64), nullable=False),  # its digest: nobody can read it back
    sa.Column("rater_class", sa.String(16)),
    sa.Column("language", sa.String(2)),
    sa.Index("raters_by_token", "token"),
)
SAVED = sa.Table(
    "saved",
    META,
    sa.Column("item", sa.String(32), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("handout", sa.String(32), nullable=False),
    sa.Column("rater", sa.String(40), nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("reason", sa.String(16)),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Index("saved_by_rater", "handout", "rater"),
)
"""Only added to: a revised rating is a further row, and the highest revision counts."""
SECRETS = sa.Table(
    "secrets",
    META,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.String(64), nullable=False),
)


# Made once: a save takes no time to spell them.
LAST = (
    sa.select(SAVED)
    .where(SAVED.c.item == sa.bindparam("of"))
    .order_by(SAVED.c.revision.desc())
    .limit(1)
)
# Of a person who is invited, and stays so until it is stored: PostgreSQL holds a deletion back by
# the lock, SQLite by there being one writer.
INVITED = (
    sa.select(*(sa.bindparam(f"new_{x.name}", type_=x.type) for x in SAVED.columns))
    .select_from(RATERS)
    .where(
        RATERS.c.handout == sa.bindparam("new_handout", type_=RATERS.c.handout.type),
        RATERS.c.rater == sa.bindparam("new_rater", type_=RATERS.c.rater.type),
    )
    .with_for_update(read=True, key_share=True)
)
INSERTED = (
    SAVED.insert()
    .from_select([x.name for x in SAVED.columns], INVITED)
    .execution_options(preserve_rowcount=True)
)
WHOSE = sa.select(RATERS).where(RATERS.c.token == sa.bindparam("digest"))
