"""``quanyu key``: API keys of a merchant."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from quanyu.clock import china_datetime, format_iso, parse_duration
from quanyu.errors import BadInput, NotFound
from quanyu.interfaces.cli.output import console, notices, print_json, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.storage.postgres.api_key import ApiKey

app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)


@app.command()
def create(
    scopes: Annotated[str, typer.Option(help="What it may do, such as events:write,reports:read.")],
    merchant_name: MerchantOption = None,
    expires: Annotated[str | None, typer.Option(help="How long it lives, such as 90d.")] = None,
    json: JsonOption = False,
) -> None:
    """Make a key and show it, this once."""
    lifetime_us = lifetime(expires)
    with open_session(catch_up=False) as engine:
        expires_us = None if lifetime_us is None else engine.clock.now_us() + lifetime_us
        owner = merchant(merchant_name, engine, may_begin=True)
        new = engine.access.create(owner, scopes.split(","), expires_us=expires_us)
    if json:
        print_json({"key": new.secret, **public(new.key)})
        return
    typer.echo(new.secret)
    notices.print(f"Key of {new.key.merchant} for {', '.join(new.key.scopes)}. Keep it now:")
    notices.print("it is stored hashed and cannot be shown again.")


@app.command("list")
def list_keys(merchant_name: MerchantOption = None, json: JsonOption = False) -> None:
    """Show the keys of a merchant, without the keys themselves."""
    with open_session(catch_up=False) as engine:
        keys = engine.access.list(merchant(merchant_name, engine))
        now_us = engine.clock.now_us()
    if json:
        print_json({"keys": [{**public(key), "state": state(key, now_us)} for key in keys]})
        return
    shown = table("API keys", "key", "scopes", "state", "made", "expires", "last used")
    for key in keys:
        times = (day(at_us) for at_us in (key.created_us, key.expires_us, key.last_used_us))
        shown.add_row(f"qk_{key.prefix}_…", " ".join(key.scopes), state(key, now_us), *times)
    console.print(shown)


@app.command()
def revoke(
    prefix: Annotated[str, typer.Argument(help="The start of the key, such as qk_1a2b3c4d.")],
    merchant_name: MerchantOption = None,
    json: JsonOption = False,
) -> None:
    """Put a key out of force, within a few seconds everywhere."""
    short = "_".join(prefix.removeprefix("qk_").split("_")[:1])
    with open_session(catch_up=False) as engine:
        owner = merchant(merchant_name, engine)
        if not engine.access.revoke(owner, short):
            raise NotFound(f"a key qk_{short} of {owner} that is in force; see `quanyu key list`")
    if json:
        print_json({"revoked": short})
    else:
        notices.print(f"qk_{short} is out of force.")


def lifetime(expires: str | None) -> int | None:
    try:
        return None if expires is None else parse_duration(expires)
    except ValueError as error:
        raise BadInput("--expires", str(error)) from None


def public(key: "ApiKey") -> dict[str, Any]:
    """What may be told of a key."""
    times = {"created": key.created_us, "expires": key.expires_us, "last_used": key.last_used_us}
    told = {name: at_us and format_iso(at_us) for name, at_us in times.items()}
    return {"prefix": key.prefix, "merchant": key.merchant, "scopes": key.scopes, **told}


def state(key: "ApiKey", now_us: int) -> str:
    if key.revoked_us is not None:
        return "revoked"
    return "expired" if key.expires_us is not None and key.expires_us <= now_us else "in force"


def day(at_us: int | None) -> str:
    return "–" if at_us is None else china_datetime(at_us).date().isoformat()
