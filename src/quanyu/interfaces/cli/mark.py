"""``quanyu content mark`` and ``inspect``: the AIGC marks of pictures and texts. No database."""

from pathlib import Path
from typing import Annotated

import typer

from quanyu.errors import BadInput
from quanyu.interfaces.cli.files import read_file
from quanyu.interfaces.cli.output import console, print_json
from quanyu.interfaces.cli.session import JsonOption, MerchantOption

app = typer.Typer()
BYTES_MAX = 32 << 20
FIELDS = {
    "Label": "属性", "ContentProducer": "生成者", "ProduceID": "生成编号",
    "ReservedCode1": "预留字段1", "ContentPropagator": "传播者", "PropagateID": "传播编号",
    "ReservedCode2": "预留字段2",
}  # fmt: skip


@app.command()
def mark(
    file: Annotated[str, typer.Argument(help="A PNG, a JPEG, a JSON document or a text.")],
    out: Annotated[Path, typer.Option("--out", help="Where the marked one goes.")],
    id_: Annotated[str, typer.Option("--id", help="The number under which it was generated.")],
    shop: MerchantOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give generated content both marks: “AI生成” for people, the record for machines."""
    from quanyu.content.marking.files import marked_file, record_in
    from quanyu.content.marking.record import aigc_of
    from quanyu.settings import Settings
    from quanyu.wiring.writing import producer_of

    settings = Settings.from_env()
    producer = producer_of(settings, shop or settings.merchant)
    record = aigc_of({"Label": "1", "ContentProducer": producer, "ProduceID": id_}, field="--id")
    made = marked_file(read_file(file, option="FILE", bytes_max=BYTES_MAX), record)
    kept, _ = record_in(made)
    try:
        out.write_bytes(made)
    except OSError as error:
        raise BadInput("--out", f"cannot be written: {error.strerror} {out}") from None
    if as_json:
        print_json({"written": str(out), "AIGC": kept.as_json() if kept else None})
        return
    console.print(f"已标识并写入 {out}", markup=False)


@app.command()
def inspect(
    file: Annotated[str, typer.Argument(help="A PNG, a JPEG, a JSON document or a text.")],
    as_json: JsonOption = False,
) -> None:
    """The AIGC record of a file, and whether people see the mark (texts)."""
    from quanyu.content.marking.files import record_in

    record, seen = record_in(read_file(file, option="FILE", bytes_max=BYTES_MAX))
    if as_json:
        print_json({"AIGC": None if record is None else record.as_json(), "visible": seen})
        return
    if record is None:
        console.print("没有 AIGC 记录")
    for key, value in {} if record is None else record.as_json().items():
        console.print(f"{FIELDS[key]:　<6}{key:<18}{value}", markup=False, soft_wrap=True)
    if seen is not None:
        console.print("显式标识：有" if seen else "显式标识：没有")
