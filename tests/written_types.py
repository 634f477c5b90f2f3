"""Any return type, and any way in which a user may write it."""

from hypothesis import strategies as st

from dbt_ai.return_type.types import SCALARS, Array, Enum, Field, Map, Scalar, Struct
from dbt_ai.return_type.types import Decimal as DecimalType

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
DECIMALS = st.integers(1, 38).flatmap(lambda p: st.integers(0, p).map(lambda s: DecimalType(p, s)))
ENUMS = st.lists(WORDS, min_size=1, max_size=4, unique_by=lambda word: word.strip().rstrip(".").strip().casefold()).map(
    lambda words: Enum(tuple(words))
)
SCALAR_TYPES = st.one_of(st.sampled_from([Scalar(name) for name in SCALARS if name != "VARIANT"]), DECIMALS, ENUMS)
# A float as the key of a map is equal to nothing reliably, on any engine.
KEYS = SCALAR_TYPES.filter(lambda type: type not in (Scalar("FLOAT"), Scalar("DOUBLE")))


def structs(inner):
    field = st.builds(Field, WORDS, inner, nullable=st.booleans(), comment=st.one_of(st.none(), TEXT))
    return st.lists(field, min_size=1, max_size=4, unique_by=lambda field: field.name.casefold()).map(lambda fields: Struct(tuple(fields)))


TYPES = st.recursive(
    SCALAR_TYPES, lambda inner: st.one_of(st.builds(Array, inner), st.builds(Map, KEYS, inner), structs(inner)), max_leaves=8
)


@st.composite
def ddl(draw, type):
    """The type as a user may write it: with or without the colon, in any case, with comments."""
    space = draw(st.sampled_from(["", " ", "\n  "]))
    case = draw(st.sampled_from([str.upper, str.lower, str.title]))
    match type:
        case Scalar(name):
            return case(name)
        case DecimalType(precision, scale):
            return f"{case('DECIMAL')}({precision},{space}{scale})"
        case Enum(values):
            quoted = [value.replace("\\", "\\\\").replace("'", "''") for value in values]
            return case("ENUM") + "(" + f",{space}".join(f"'{value}'" for value in quoted) + ")"
        case Array(element):
            return f"{case('ARRAY')}<{space}{draw(ddl(element))}>"
        case Map(key, value):
            return f"{case('MAP')}<{draw(ddl(key))},{space}{draw(ddl(value))}{space}>"
        case Struct(fields):
            parts = []
            for field in fields:
                comment = "" if field.comment is None else " COMMENT '" + field.comment.replace("\\", "\\\\").replace("'", "''") + "'"
                colon = draw(st.sampled_from([" ", ": ", ":"]))
                name = "`" + field.name.replace("`", "``") + "`"
                parts.append(f"{name}{colon}{draw(ddl(field.type))}{'' if field.nullable else ' NOT NULL'}{comment}")
            return f"{case('STRUCT')}<{f',{space}'.join(parts)}>"
