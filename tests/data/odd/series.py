"""Files whose layout of series is odd, and files in containers."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from tests.data.odd.case import COUNTED, NAN, TABLE, Odd, halves, refused, stamps, understood
from tests.data.tables import days

_LINES = "".join(json.dumps({"ds": day, "y": row + 1}) + "\n" for row, day in enumerate(days(10)))
_ARROW = pa.table({"ds": pa.array(days(10)).cast(pa.date32()), "y": list(COUNTED)})


def _parquet(table: pa.Table = _ARROW) -> bytes:
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink)
    return sink.getvalue()


def _feather() -> bytes:
    sink = io.BytesIO()
    pyarrow.feather.write_feather(_ARROW, sink)
    return sink.getvalue()


def _stream() -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, _ARROW.schema) as stream:
        stream.write_table(_ARROW, max_chunksize=4)
    return sink.getvalue()


def _zip(*names: str) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, TABLE)
    return sink.getvalue()


def _long(names: str, length: int = 9) -> str:
    rows = (f"{name},{day},{row}.5\n" for name in names for row, day in enumerate(days(length)))
    return "id,ds,y\n" + "".join(rows)


def _targets(*names: str, without: str | None = None) -> str:
    rows = (
        f"{name},{day},{row}.5,{'' if name == without else f'{row}.5'}\n"
        for name in names
        for row, day in enumerate(days(9))
    )
    return "shop,ds,units,price\n" + "".join(rows)


_HOLEY = "id,ds,y\n" + "".join(f"whole,{day},1.5\n" for day in days(30))
_HOLEY += "".join(f"holey,{day},2.5\n" for day in [*days(5), *days(5, start=26)])

SERIES: tuple[Odd, ...] = (
    understood("long", "two series below each other", _long("ab"), halves(9) * 2),
    understood("long", "two series in turn", "ds,id,y\n" + "".join(
        f"{day},{name},{row}.5\n" for row, day in enumerate(days(9)) for name in "ab"), halves(9) * 2),
    understood("long", "ids that are numbers", _long("12").replace("\n1,", "\n0001,"), halves(9) * 2),
    understood("long", "a series of one row among longer ones", _long("a") + "b,2024-01-01,7\n", (*halves(9), 7.0),
               number=30),
    refused("long", "rows without an id", "id,ds,y\n" + "".join(f"{i},{d},1.5\n" for i in ("", "b") for d in days(9)),
            "data.csv:2:1: the series id is missing in column 'id'", "every row"),
    understood("long", "two series that differ by a space", "id,ds,y\n" + "".join(
        f"{i},{d},{r}\n" for i in ("north", "North ") for r, d in enumerate(days(9))), (*range(9), *range(9)),
               "1 series called like another but for spaces or capitals: 'North ' beside 'north'"),
    understood("long", "a series that begins late", "id,ds,y\n" + "".join(
        f"{i},{d},{'' if i == 'a' and r < 2 else r}\n" for i in "ab" for r, d in enumerate(days(9))),
               (*range(2, 9), *range(9)), "the first 2 steps of series 'a' have no value and are left out"),
    refused("long", "a hole in one of the series", _HOLEY, "series 'holey' is missing", "--freq", 33),
    refused("long", "two ids that only together are one", "shop,item,ds,y\n" + "".join(
        f"{one},{other},{day},{row}\n" for one in "ab" for other in "xy" for row, day in enumerate(days(9))),
        "'shop' and 'item' do so together", "", code=2),
    refused("long", "ids in a column of another name, where few times repeat", "Filiale,ds,y\n" + "".join(
        f"{one},{day},{row}\n" for one, start in (("a", 1), ("b", 38)) for row, day in enumerate(days(40, start))),
        "3 duplicate timestamps", "--id Filiale if this column names the series", 32),
    refused("long", "no column for the ids", stamps(*days(9), *days(9)), "9 duplicate timestamps", "--id", 32),
    understood("wide", "one column per series", "ds,s1,s2\n" + "".join(f"{d},{r}.5,{r}.5\n" for r, d in enumerate(
        days(9))), halves(9) * 2),
    understood("wide", "one column empty in places", "ds,s1,s2\n" + "".join(
        f"{d},{r}.5,{r if r != 4 else ''}\n" for r, d in enumerate(days(9))), (*halves(9), 0, 1, 2, 3, NAN, 5, 6, 7,
        8)),
    understood("several targets", "beside an id", _targets("a", "b"), halves(9) * 4, target="units,price"),
    understood("several targets", "of which a shop has only one", _targets("a", "b", without="b"), halves(9) * 3,
               "series 'b,price' has no value and is left out", target="units,price"),
    understood("several targets", "without an id", _targets("").replace("\n,", "\n").replace("shop,", ""),
               halves(9) * 2, target="units,price"),
    refused("several targets", "not named", _targets("a", "b"), "'units' or 'price' could be the target",
            "--target units,price", code=2),
    refused("several targets", "of classes", _targets("a", "b"), "a target of classes is a single column",
            "a model for each", code=2, target="units,price", target_type="binary"),
    refused("several targets", "in the long layout", _targets("a", "b"), "--layout long has one target",
            "leave --layout out", code=2, target="units,price", layout="long"),
    understood("row numbers", "as pandas writes them", ",ds,y\n" + "".join(f"{r},{d},{r}.5\n" for r, d in enumerate(
        days(9))), halves(9)),
    understood("covariate", "known by its name", "ds,y,promo\n" + "".join(
        f"{d},{r}.5,{r % 2}\n" for r, d in enumerate(days(9))), halves(9)),
    refused("covariate", "that is not there", TABLE, "data.csv has no column 'rain' for --past", "'ds' and 'y'", 19,
            code=2,
            past=("rain",)),
    refused("covariate", "static, and changes", "id,ds,y,static_x\n" + "".join(
        f"a,{d},{r}.5,{r}\n" for r, d in enumerate(days(9))), "data.csv:3:4:"),
    refused("covariate", "in two roles", "ds,y,x\n" + "".join(f"{d},{r}.5,{r}\n" for r, d in enumerate(days(9))),
            "'x'", "", 63, code=2, past=("x",), future=("x",)),
    *(understood("container", name, content, number=46) for name, content in (
        ("gzip", gzip.compress(TABLE.encode(), mtime=0)),
        ("zstd", pa.compress(TABLE.encode(), codec="zstd", asbytes=True)),
        ("bzip2", bz2.compress(TABLE.encode())),
        ("xz", lzma.compress(TABLE.encode())),
        ("zip of one file", _zip("folder/", "folder/a.csv", "__MACOSX/._a.csv")),
        ("Parquet", _parquet()),
        ("Feather", _feather()),
        ("Arrow stream", _stream()),
        ("Arrow stream in gzip", gzip.compress(_stream(), mtime=0)),
        ("JSON lines", _LINES.encode()),
        ("JSON lines in gzip", gzip.compress(_LINES.encode(), mtime=0)))),
    refused("container", "zip of two files", _zip("a.csv", "b.csv"), "2 files: 'a.csv' and 'b.csv'", "unpack it"),
    refused("container", "Feather of the first version", b"FEA1" + bytes(60) + b"FEA1",
            "data.csv is a Feather file of the first version", "save it as"),
    refused("container", "workbook", _zip("[Content_Types].xml", "xl/workbook.xml"), "data.csv", ""),
    refused("cut off", "gzip", gzip.compress(TABLE.encode(), mtime=0)[:-9], "data.csv is truncated after", "copy it",
            47),
    refused("cut off", "xz", lzma.compress(TABLE.encode())[:-20], "after 0 lines", "copy it", 47),
    refused("cut off", "zip", _zip("a.csv")[:60], "its zip data end early or are broken", "copy it", 47),
    refused("cut off", "Parquet", b"PAR1 and nothing PAR1", "data.csv is damaged", "Parquet file again"),
    refused("cut off", "Feather", _feather()[:300], "data.csv is damaged", "Arrow file again"),
    refused("cut off", "Arrow stream", _stream()[:-60], "data.csv is damaged", "Arrow file again"),
    refused("JSON", "one document, not lines", '[{"ds":"2024-01-01","y":1}]', "data.csv:1: the line holds", "jq"),
    refused("JSON", "a line that is not closed", _LINES + '{"ds": "2024-02-01"\n', "data.csv:11:", ""),
    refused("JSON", "a key twice", _LINES + '{"y": 1, "y": 2}\n', "data.csv:11: key 'y' stands twice", ""),
    refused("JSON", "a list in a key", _LINES.replace('"y": 4}', '"y": [4]}'), "data.csv:4: key 'y' holds more", ""),
    refused("JSON", "nested without end", _LINES + "{" * 5000 + "\n", "data.csv:11:", ""),
    understood("JSON", "keys left out and nulls", _LINES.replace(', "y": 4}', "}").replace('"y": 6}', '"y": null}'),
               (1, 2, 3, NAN, 5, NAN, 7, 8, 9, 10), number=21, fill="none"),
    understood("Parquet", "large text and categories", _parquet(pa.table({
        "ds": pa.array(days(10), pa.large_string()), "id": pa.array(["a"] * 10).dictionary_encode(),
        "y": pa.array(COUNTED, pa.float32())}))),
    refused("Parquet", "no rows", _parquet(_ARROW.slice(0, 0)), "data.csv has no data rows", "a header line", 2),
    refused("Parquet", "timestamps missing", _parquet(pa.table({"ds": pa.array([None, *days(9)]).cast(pa.date32()),
            "y": list(COUNTED)})), "the timestamp is missing in column 'ds' (row 1)", "every row"),
    refused("Parquet", "true and false", _parquet(pa.table({"ds": days(10), "y": [True, False] * 5})),
            "true and false are not numbers", "--target-type binary --target y", 26, target="y"),
)  # fmt: skip
