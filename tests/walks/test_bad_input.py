"""What a command says to bad input: exit 2, one line with the field and the mend, nothing done."""

import json
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.walks.shell import Shell, fingerprint, rows, write_rows

from quanyu.interfaces.cli import main
from quanyu.storage.postgres.embedded import EmbeddedPostgres

MERCHANT = "tea"
KNOWN = "taobao_id:9001"
LOOK = '{"event": "view", "op": "ge", "value": 1}'
DROP = "x'; DROP TABLE event_segment; --"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A directory with behaviour, people and two audiences, its server kept running."""
    folder = tmp_path_factory.mktemp("bad")
    folder.chmod(0o711)
    shell = Shell(folder / "data")
    file = write_rows(folder / "rows.csv.gz", rows(3, people=12, days=1))
    shell.json("import", "taobao-userbehavior", str(file), "--merchant", MERCHANT)
    shell = Shell(shell.data_dir, {"QUANYU_MERCHANT": MERCHANT})
    (folder / "look.json").write_text(LOOK)
    shell.json("audience", "create", "lookers", "--definition", str(folder / "look.json"))
    (folder / "in.json").write_text('{"audience": "lookers"}')
    shell.json("audience", "create", "same", "--definition", str(folder / "in.json"))
    with EmbeddedPostgres(shell.data_dir):
        yield shell
    shell.destroy()


Refuses = Callable[..., str]
State = tuple[dict[str, str], list[str]]
"""Rows by table, and files of the lake."""


@pytest.fixture(scope="module")
def untouched(shop: Shell) -> State:
    """Whatever was refused before, nothing has changed since."""
    return state(shop)


@pytest.fixture
def refuses(
    shop: Shell,
    untouched: State,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Iterator[Refuses]:
    """Runs a command in this process, through the real entry point; checks that it is refused
    and that not one row and not one file has changed."""
    for name, value in shop.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    umask = os.umask(0o077)
    os.umask(umask)

    def run(*words: str, expect: int = 2) -> str:
        monkeypatch.setattr(sys, "argv", ["quanyu", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main.run()
        out, err = capfd.readouterr()
        assert left.value.code == expect, (out, err)
        assert out == ""
        assert len(err.splitlines()) == 1, err
        assert state(shop) == untouched
        return err.strip()

    yield run
    os.umask(umask)


def state(shop: Shell) -> State:
    with EmbeddedPostgres(shop.data_dir) as server:
        tables = fingerprint(server.url)
    lake = shop.data_dir / "lake"
    return tables, sorted(str(path) for path in lake.rglob("*"))


WORDS = [
    ("report funnel --steps view,vieww", "steps", "no kind of event"),
    ("report funnel --steps ,", "steps", "no kind of event"),
    ("report funnel --steps " + ",".join(["view"] * 11), "steps", "1 to 10"),
    ("report funnel --window nonsense", "window", "30m, 12h or 7d"),
    ("report funnel --window -1d", "window", "30m, 12h or 7d"),
    ("report funnel --window 0d", "window", "longer than nothing"),
    ("report funnel --window 99999999999999d", "window", "7d"),
    ("report funnel --where nonsense", "where", "field=value"),
    ("report overview --from 2026-05-02 --to 2026-05-01", "from", "before to"),
    ("report overview --from yesterday", "from", "2026-05-01"),
    ("report overview --to 2026-13-01", "to", "2026-05-01"),
    ("report overview --from 2026-05-01T10:00:00", "from", "+08:00"),
    ("report overview --merchant nobody", "merchant", "begins one"),
    ("report overview --merchant ../../etc", "merchant", "1 to 64 letters"),
    ("report overview --colour red", "--colour", "No such option"),
    ("report nothing", "nothing", "No such command"),
    ("report paths --by nothing", "by", "touchpoint:kind"),
    ("report paths --top -5", "top", "1 to 1000"),
    ("report paths --top 99999999999999999999999", "top", "1 to 1000"),
    ("report paths --top NaN", "--top", "valid integer"),
    ("report paths --length 0", "length", "1 to 12"),
    ("report paths --gap 1", "gap", "30m"),
    ("report retention --days 0", "days", "1 to 366"),
    ("report retention --days 99999", "days", "1 to 366"),
    ("report retention --first nokind", "first", "no kind of event"),
    ("report top-items --kind nokind", "kind", "no kind of event"),
    ("report trends --subject nothing", "subject", "category"),
    ("report trends --to 2026-99-99", "to", "2026-05-01"),
    ("person show -i taobao_id:404404", "nobody", "taobao_id:404404"),
    ("person show -i taobao_id", "identifier", "kind:value"),
    ("person show -i taobao_id:", "identifier", "1 to 256 characters"),
    (f"person show -i {KNOWN} --timeline -1", "--timeline", "greater than or equal to 0"),
    (f"person link {KNOWN} {KNOWN}", "identifier", "two different"),
    (f"person link {KNOWN} taobao_id:9002 --rule magic", "rule", "login"),
    (f"person link {KNOWN} taobao_id:9002 --rule probabilistic", "rule", "login"),
    (f"person link {KNOWN} taobao_id:9002 --merchant nobody", "merchant", "begins one"),
    ("person unlink 1-2-login", "1-2-login", "person edges"),
    ("person unlink nonsense", "edge", "12-57-login"),
    ("person unlink 99999999999999999999-2-login", "edge", "12-57-login"),
    ("person edges -i taobao_id:404404", "Not found", "taobao_id"),
    ("person erase -i taobao_id:404404 --yes", "nobody", "taobao_id:404404"),
    (f"person personalisation sideways -i {KNOWN}", "state", "'on', 'off'"),
    (f"consent grant -i {KNOWN} --purpose power", "purpose", "marketing_messages"),
    (f"consent grant -i {KNOWN} --purpose analytics --notice-version 99", "notice_version", "0"),
    (f"consent grant -i {KNOWN} --purpose analytics --notice-version -1", "notice_version", "0"),
    ("consent show -i taobao_id:404404", "nobody", "taobao_id:404404"),
    ("key create --scopes world", "scopes", "events:write"),
    ("key create --scopes ,", "scopes", "choose from"),
    ("key create --scopes events:write --expires never", "--expires", "7d"),
    ("key create --scopes events:write --expires -5d", "--expires", "7d"),
    ("key revoke qk_00000000", "qk_00000000", "key list"),
    ("events show 0", "entry", "greater than or equal to 1"),
    ("events show 99", "99", "no quarantined event"),
    ("events show 99999999999999999999999", "9999", "no quarantined event"),
    ("events replay 99", "99", "no quarantined event"),
    ("events replay 99 --with nofile.json", "nofile.json", "no such file"),
    ("events quarantine --limit 0", "--limit", "greater than or equal to 1"),
    ("rebuild nothing", "projection", "identity, profiles, audiences, prices"),
    ("identity match --table nofile.txt", "table", ".parquet"),
    ("identity review --accept 1-2-login", "1-2-login", "person edges"),
    ("identity review --accept a --reject b", "--accept", "either"),
    ("identity rebuild --merchant nobody", "merchant", "begins one"),
    ("audience count nobody", "nobody", "Not found"),
    ("audience explain lookers -i taobao_id:404404", "taobao_id", "nobody"),
    ("audience explain lookers -i nonsense", "identifier", "kind:value"),
    ("audience export lookers --format xml", "--format", "csv or json"),
    ("audience export lookers --purpose power", "purpose", "marketing_messages"),
    ("audience combine xor lookers same", "operation", "union, intersect, minus"),
    ("audience combine union lookers nobody", "nobody", "Not found"),
    ("audience combine union", "names", "Missing argument"),
    ("audience lookalike lookers --size 0", "--size", "greater than or equal to 1"),
    ("audience lookalike lookers --random-seed -1", "--random-seed", "greater than or equal"),
    ("audience delete nobody", "nobody", "Not found"),
    ("audience delete lookers", "lookers", "same"),
    ("import taobao-userbehavior nofile.csv", "nofile.csv", "no such file"),
    ("import taobao-userbehavior .", ".", "is a directory"),
    ("import nothing file.csv", "nothing", "No such command"),
    ("demo --people 0", "--people", "greater than or equal to 1"),
    ("demo --data nofile --no-serve", "nofile", "no such file"),
    ("serve --port 0", "--port", "greater than or equal to 1"),
    ("serve --host nowhere.invalid", "--host", "choose another"),
    ("bench ../../etc/passwd", "bench", "not one of"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "field", "mend"), WORDS, ids=[w[0][:60] for w in WORDS])
def test_words(refuses: Refuses, words: str, field: str, mend: str) -> None:
    said = refuses(*words.split())
    assert field in said
    assert mend in said


def nested(levels: int) -> str:
    return '{"not": ' * levels + LOOK + "}" * levels


DEFINITIONS = [
    ('{"audience": "{name}"}', "audience", "refers to itself"),
    ('{"audience": "nobody"}', "audience", "unknown audience"),
    ('{"event": "view; DROP TABLE merchant", "op": "ge", "value": 1}', "event", "unknown kind"),
    ('{"event": "view", "where": {"a; --": 1}, "op": "ge", "value": 1}', "where.a; --", "field"),
    ('{"tag": "nope", "op": "eq", "value": 1}', "tag", "unknown tag"),
    ('{"event": "view", "op": "like", "value": 1}', "op", "use one of"),
    ('{"event": "view", "op": "ge", "value": NaN}', "definition", "NaN"),
    ('{"event": "view", "op": "ge", "value": 1e400}', "value", "whole number"),
    ('{"event": "view", "op": "ge", "value": 99999999999999999999}', "value", "whole number"),
    ('{"event": "view", "op": "ge", "op": "le", "value": 1}', "op", "twice"),
    ('{"event": "view", "op": "ge", "value": 1, "within": "-7d"}', "within", "7d"),
    ('{"event": "view", "op": "ge", "value": 1, "extra": 1}', "extra", "unknown key"),
    ('{"all": [{"event": "view"}, {"not": {"tag": "nope", "op": "exists"}}]}', "all[1].not", "tag"),
    ('{"event": "view", "where": {"item": "\\ud800"}}', "where.item", "character"),
    ('{"event": "view", "where": {"item": "a\\u0000"}}', "where.item", "character"),
    ('{"sequence": [], "within": "1d"}', "sequence", "2 to 8"),
    ("[]", "definition", "object"),
    ("nonsense", "definition", "JSON"),
    ("", "definition", "JSON"),
    (nested(13), "not.not", "deeper than 12"),
    (nested(20_000), "definition", "deeper than 12"),
    (nested(100_000), "definition", "256 KiB"),
    ("[" * 100_000, "definition", "deeper than 12"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "field", "mend"), DEFINITIONS, ids=[d[0][:50] for d in DEFINITIONS]
)
def test_definitions(refuses: Refuses, tmp_path: Path, text: str, field: str, mend: str) -> None:
    (tmp_path / "d.json").write_text(text.replace("{name}", "newcomer"))
    for order in (("create", "newcomer"), ("create", "lookers"), ("estimate",)):
        if "{name}" in text and order != ("create", "newcomer"):
            continue
        said = refuses("audience", *order, "--definition", "d.json")
        assert field in said
        assert mend in said


def test_a_circle_of_two_audiences(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text('{"any": [{"event": "view"}, {"audience": "same"}]}')
    said = refuses("audience", "create", "lookers", "--definition", "d.json")
    assert "lookers → same → lookers" in said


@pytest.mark.parametrize("name", [DROP, "", " ", "a" * 65, "a\nb", "../x"])
def test_names(refuses: Refuses, tmp_path: Path, name: str) -> None:
    (tmp_path / "d.json").write_text(LOOK)
    assert "name: use 1 to 64" in refuses("audience", "create", name, "--definition", "d.json")
    assert "merchant: use 1 to 64" in refuses("report", "overview", "--merchant", name)
    (tmp_path / "r.csv").write_text("1,2,3,pv,1511658000\n")
    for command in ("taobao-userbehavior", "events"):
        assert "merchant: use" in refuses("import", command, "r.csv", "--merchant", name)


def test_a_version_that_is_not_the_last(refuses: Refuses, tmp_path: Path) -> None:
    (tmp_path / "d.json").write_text(LOOK)
    for version in ("0", "7", "-1", "99999999999999999999"):
        words = ("audience", "create", "lookers", "--definition", "d.json", "--version", version)
        assert f"version: lookers is at version 1, not {version}" in refuses(*words)


GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
FILES = [
    (b"", "file", "empty"),
    (b"\n\n", "file", "no rows"),
    (GZIP + b"garbage", "file", "broken gzip"),
    (GZIP, "file", "broken gzip"),
    (b"user,item\n1,2\n", "line 1", ""),
    (os.urandom(4000).replace(b"{", b"").replace(b"\x1f", b"").lstrip(), "line", ""),
    ("1，2，3，pv，1511658000".encode("gb18030"), "line 1", ""),
    (b"\x00" * 5000, "line 1", ""),
    (b"[" * 100_000, "line 1", ""),
]  # fmt: skip


@pytest.mark.parametrize(("content", "field", "mend"), FILES, ids=range(len(FILES)))
@pytest.mark.parametrize("form", ["taobao-userbehavior", "events"])
def test_files(
    refuses: Refuses, tmp_path: Path, form: str, content: bytes, field: str, mend: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    for more in ((), ("--dry-run",)):
        said = refuses("import", form, "file", *more)
        assert field in said
        assert mend in said


ENVIRONMENT = [
    ({"QUANYU_DATABASE_URL": "nonsense"}, 2, "postgresql://"),
    ({"QUANYU_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, 1, "refused"),
    ({"QUANYU_POOL_SIZE": "0"}, 2, "1 to 90"),
    ({"QUANYU_POOL_SIZE": "-1"}, 2, "1 to 90"),
    ({"QUANYU_POOL_SIZE": "²"}, 2, "1 to 90"),
    ({"QUANYU_MASTER_KEY": "0" * 64}, 2, "openssl rand -hex 32"),
    ({"QUANYU_MASTER_KEY": bytes(range(32)).hex()}, 2, "another one"),
    ({"QUANYU_MERCHANT": " "}, 2, "unset"),
    ({"QUANYU_MERCHANT": DROP}, 2, "1 to 64 letters"),
]


@pytest.mark.parametrize(("settings", "code", "mend"), ENVIRONMENT, ids=range(len(ENVIRONMENT)))
def test_settings(
    refuses: Refuses,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    code: int,
    mend: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert mend in refuses("report", "overview", expect=code)


def test_a_port_that_is_taken(refuses: Refuses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = refuses("serve", "--port", port)
    assert said.endswith(f"--port: cannot listen on 127.0.0.1:{port}: address already in use; "
                         "choose another")  # fmt: skip


AS_A_PROCESS = [
    ["report", "funnel", "--steps", "view,vieww", "--json"],
    ["person", "show", "-i", "taobao_id:404404"],
]


@pytest.mark.parametrize("words", AS_A_PROCESS)
def test_as_a_process_it_is_the_same(shop: Shell, words: list[str]) -> None:
    said = shop.process(*words)
    assert said == shop.run(*words)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_a_definition_comes_through_a_pipe(shop: Shell) -> None:
    document = json.dumps({"tag": "nope", "op": "exists"})
    assert "tag" in shop.refuses("audience", "estimate", "--definition", "-", stdin=document)
