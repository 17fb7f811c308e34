"""The ``quanyu`` command: groups of commands, and one place where failures become exit codes.

0 answered; 2 bad input, one line that names the field and the mend; 1 anything else.
"""

import os
import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from quanyu.errors import BadInput, NotFound, QuanyuError
from quanyu.interfaces.cli import (
    auction,
    audience,
    bench,
    campaign,
    check_copy,
    check_price,
    consent,
    content,
    coupon,
    decide,
    demo,
    doctor,
    events,
    evidence,
    flash,
    fraud,
    gate,
    generate,
    identity,
    import_,
    improve,
    instalment,
    item,
    key,
    ledger,
    licence,
    mark,
    offer,
    order,
    person,
    person_facts,
    person_links,
    points,
    privacy,
    promotion,
    quote,
    recommend,
    release,
    report,
    serve,
    settlement,
    show,
    store,
    touchpoint,
    upkeep,
    voucher,
)
from quanyu.interfaces.cli.output import notices

app = typer.Typer(
    name="quanyu",
    help="Quanyu 全域 — ecosystem marketing as one closed loop.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

singles = (demo, serve, upkeep, doctor, bench, quote, settlement, check_price, check_copy, auction)
for single in singles:
    app.add_typer(single.app)
for name, group in (
    ("import", import_),
    ("report", report),
    ("person", person),
    ("identity", identity),
    ("consent", consent),
    ("privacy", privacy),
    ("audience", audience),
    ("content", content),
    ("show", show),
    ("touchpoint", touchpoint),
    ("campaign", campaign),
    ("offer", offer),
    ("promotion", promotion),
    ("release", release),
    ("decide", decide),
    ("recommend", recommend),
    ("coupon", coupon),
    ("order", order),
    ("instalment", instalment),
    ("voucher", voucher),
    ("points", points),
    ("flash", flash),
    ("fraud", fraud),
    ("events", events),
    ("key", key),
    ("ledger", ledger),
    ("item", item),
    ("store", store),
    ("licence", licence),
    ("evidence", evidence),
    ("gate", gate),
):
    app.add_typer(group.app, name=name)
person.app.add_typer(person_links.app)
person.app.add_typer(person_facts.app)
for more in (generate, improve, mark):
    content.app.add_typer(more.app)


def fail(message: str, code: int) -> NoReturn:
    notices.print(" ".join(message.split()), style="red", markup=False, soft_wrap=True)
    raise SystemExit(code)


def run() -> None:
    """Entry point of the ``quanyu`` script."""
    if os.environ.get("QUANYU_DEBUG"):
        raise SystemExit(typer.main.get_command(app).main(standalone_mode=False) or 0)
    try:
        raise SystemExit(typer.main.get_command(app).main(standalone_mode=False) or 0)
    except TyperException as error:
        if not (message := error.format_message()):
            raise SystemExit(2) from None
        fail(message, 2)
    except (BadInput, NotFound) as error:
        fail(str(error), 2)
    except QuanyuError as error:
        fail(str(error), 1)
    except typer.Abort:
        fail("stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        raise SystemExit(0) from None
    except Exception as error:
        fail(f"internal failure: {error!r}; set QUANYU_DEBUG=1 for the trace", 1)


@app.command()
def version() -> None:
    """Print the version."""
    from quanyu import __version__

    typer.echo(__version__)
