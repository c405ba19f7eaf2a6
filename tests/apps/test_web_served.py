"""A page and its server, asked as nobody should: nothing is uploaded or written, and no file is given."""

import base64
import http.client
import io
import json
import logging
import os
import socket
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from fer.apps import uploads, web

MARK = b"a picture that nobody may find again"
JSON = ("Content-Type", "application/json")


@pytest.fixture(scope="module")
def functions():
    """Of a page: they answer, refuse, fail, and read a picture."""

    def echo(text="nothing"):
        return {"text": text}

    def refuse():
        raise uploads.Refused("full")

    def fail(secret):
        raise RuntimeError(f"of {secret}")

    def look(picture):
        return {"shape": list(uploads.photo(picture).shape)}

    return {function.__name__: function for function in (echo, refuse, fail, look)}


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """The files of a small page."""
    folder = tmp_path_factory.mktemp("assets")
    (folder / "camera.js").write_text("const camera = 1;")
    for suffix, content in {
        "html": "<p>Guten Tag</p>",
        "css": "p {color: red}",
        "js": "camera.use();",
    }.items():
        (folder / f"small.{suffix}").write_text(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web, "ASSETS", folder)
        yield folder


@pytest.fixture(scope="module")
def blocks(assets, functions):
    return web.page("Small page", "small", functions, texts={"title": "Größe"})


@pytest.fixture(scope="module")
def component(blocks):
    (found,) = (block for block in blocks.blocks.values() if isinstance(block, gr.HTML))
    return found


def test_a_page_has_its_files_functions_and_props(blocks, component, functions):
    assert blocks.title == "Small page" and component.elem_id == "small"
    assert component.html_template == "<p>Guten Tag</p>" and component.css_template == "p {color: red}"
    assert component.js_on_load == "const camera = 1;\ncamera.use();"
    assert {name for name in functions if hasattr(component, name)} == set(functions)
    assert component.props["settings"] == {"texts": {"title": "Größe"}}


@pytest.mark.parametrize(
    ("name", "data", "answer"),
    [
        ("echo", {"text": "hello"}, {"text": "hello"}),
        ("echo", {}, {"text": "nothing"}),
        ("refuse", {}, {"error": "full"}),
        ("fail", {"secret": "s3cret"}, {"error": "failed"}),
        ("fail", {}, {"error": "failed"}),
        ("echo", {"s3cret": 1}, {"error": "failed"}),
        ("echo", {"": 1}, {"error": "failed"}),
        ("echo", ["s3cret"], {"error": "failed"}),
        ("echo", None, {"error": "failed"}),
        ("echo", "s3cret", {"error": "failed"}),
        ("look", {"picture": "s3cret"}, {"error": "wrong_type"}),
    ],
)
def test_a_function_answers_or_says_why_and_logs_nothing_of_the_request(
    component, caplog, name, data, answer
):
    with caplog.at_level(logging.DEBUG):
        assert getattr(component, name)(data) == answer
    assert "s3cret" not in caplog.text and "Traceback" not in caplog.text
    failed = answer == {"error": "failed"} and isinstance(data, dict)
    assert [record.levelname for record in caplog.records] == ["WARNING"] * failed


class Disk:
    """Notes what this process opens for writing, makes or renames, while ``watching``."""

    EVENTS = ("os.mkdir", "os.rename", "os.link", "os.symlink", "tempfile.mkstemp", "tempfile.mkdtemp")

    def __init__(self):
        self.watching, self.seen = False, []

    def __call__(self, event, arguments):
        if not self.watching:
            return
        if event == "open":
            path, mode, flags = arguments
            if set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.seen.append(str(path))
        elif event in self.EVENTS:
            self.seen.append(str(arguments[0]))


@pytest.fixture(scope="module")
def disk():
    watch = Disk()
    sys.addaudithook(watch)  # forever; without ``watching`` it does nothing
    yield watch
    watch.watching = False


@pytest.fixture(scope="module")
def server(blocks, disk, tmp_path_factory):
    """The page served, with a home, a working and a temporary folder of its own; gives its port."""
    places = {name: tmp_path_factory.mktemp(name) for name in ("home", "work", "temporary")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(places["home"]))
        patch.setenv("TMPDIR", str(places["temporary"]))
        patch.setattr(tempfile, "tempdir", str(places["temporary"]))
        patch.setattr(sys, "dont_write_bytecode", True)
        patch.chdir(places["work"])
        address = web.launch(blocks)
        assert address == f"http://127.0.0.1:{blocks.server_port}/"
        yield blocks.server_port
        blocks.close(verbose=False)


@pytest.fixture
def ask(server):
    """A function that sends a request to the server, as it is; returns status and body."""

    def send(path, body=None, *headers, chunks=None):
        connection = http.client.HTTPConnection("127.0.0.1", server, timeout=30)
        connection.putrequest("GET" if body is None and chunks is None else "POST", path)
        for header in headers:
            connection.putheader(*header)
        if body is not None and not any(name == "Content-Length" for name, _ in headers):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        for chunk in chunks or ():
            connection.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        with closing(connection):
            answer = connection.getresponse()
            return answer.status, answer.read()

    return send


@pytest.fixture
def call(ask, component):
    """A function that calls a function of the page as its JavaScript does."""

    def send(name, data, **changes):
        request = {"session_hash": "abc", "fn_name": name, "component_id": component._id, "data": data}
        return ask("/gradio_api/component_server", json.dumps(request | changes).encode(), JSON)

    return send


def test_the_page_is_there_for_this_machine_only(ask, server):
    status, body = ask("/")
    assert status == 200 and b"Small page" in body
    for address in ("127.0.0.2", "::1"):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with pytest.raises(OSError), socket.socket(family) as other:  # there may be no IPv6 at all
            other.settimeout(2)
            other.connect((address, server))


def test_a_port_in_use_is_an_error_and_no_other_page_takes_it(assets, server):
    second = web.page("Second page", "small", {})
    with pytest.raises(OSError, match=str(server)):
        web.launch(second, port=server)


def test_functions_answer_through_the_server(call):
    assert call("echo", {"text": "grüß"}) == (200, '{"text":"grüß"}'.encode())
    assert call("refuse", {}) == (200, b'{"error":"full"}')
    assert call("fail", {"secret": "s3cret"}) == (200, b'{"error":"failed"}')
    assert call("echo", {"wrong": 1}) == (200, b'{"error":"failed"}')
    assert call("echo", []) == (200, b'{"error":"failed"}')


@pytest.mark.parametrize(
    "name", ["nothing", "__init__", "__class__", "postprocess", "props", "get_config", ""]
)
def test_nothing_else_of_the_page_can_be_called(call, name):
    assert call(name, {}) == (404, b'{"detail":"Function not found."}')


def multipart(content):
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n'
    return head + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n--b--\r\n"


FORM = "multipart/form-data; boundary=b"


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/%75pload",
        "/gradio_api/upload?upload_id=1",
        "/%67radio_api/upload",
        "/gradio_api/process_recording",
        "/gradio_api/component_server",
    ],
)
@pytest.mark.parametrize("kinds", [[FORM], [FORM.title()], [FORM, "application/json"], ["text/plain", FORM]])
def test_files_cannot_be_uploaded(ask, path, kinds):
    status, body = ask(path, multipart(MARK), *(("Content-Type", kind) for kind in kinds))
    assert (status, body) == (403, b'{"error":"refused"}')


@pytest.mark.parametrize(
    "path", ["//gradio_api/upload", "/gradio_api//upload", "/GRADIO_API/upload", "/upload"]
)
def test_there_is_no_second_way_to_upload(ask, path):
    assert ask(path, b"{}", JSON)[0] in (403, 404, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file={}",
        "/gradio_api/file%3D{}",
        "/gradio_api/%66ile={}",
        "/gradio_api/file{}",
        "//gradio_api/file={}",
        "/gradio_api//file={}",
        "/gradio_api/x/../file={}",
        "/file={}",
        "/../..{}",
        "/../../../../../../../../..{}",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e{}",
        "/assets/../../../../../../../../../../../..{}",
        "/assets/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e{}",
        "/assets/..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2f..{}",
        "/assets/..\\..\\..\\..\\..\\..\\..\\..\\..\\..{}",
        "/assets/{}",
        "/assets/%2f{}",
        "/static/../../../../../../../../../../../..{}",
        "/static/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e{}",
        "/static/{}",
        "/svelte/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e{}",
        "/gradio_api/custom_component/1/client/component/..%2f..%2f..%2f..%2f..%2f..{}",
        "/gradio_api/proxy=file://{}",
        "/pwa_icon{}",
    ],
)
def test_no_path_leads_to_a_file_of_this_machine(ask, path):
    secret = Path("secret.txt").resolve()
    secret.write_bytes(MARK)
    for wanted in (secret, Path("/etc/passwd")):
        status, body = ask(path.format(wanted))
        assert status in (400, 403, 404), (path, status)
        assert MARK not in body and b"root:" not in body
    secret.unlink()


def test_assets_of_the_page_itself_are_served(ask):
    """So that the refusals above say something."""
    page = ask("/")[1].decode()
    asset = page.split('"./assets/')[1].split('"')[0]
    assert ask(f"/assets/{asset}")[0] == 200


def test_requests_that_are_too_large_are_refused(ask, call):
    assert ask("/gradio_api/component_server", b"", JSON, ("Content-Length", str(10**9))) == (
        413,
        b'{"error":"file_too_large"}',
    )
    whole, rest = divmod(web.LARGEST_BODY + 1, 2**20)
    chunks = [b" " * 2**20] * whole + [
        b" " * rest
    ]  # and no end; not a byte more, else the answer may be lost
    chunked = ("Transfer-Encoding", "chunked")
    assert ask("/gradio_api/component_server", None, JSON, chunked, chunks=chunks)[0] == 400
    for length in ("-1", "abc"):
        assert ask("/config", b"", JSON, ("Content-Length", length))[0] in (400, 413)
    assert call("echo", {"text": "still here"})[0] == 200


def test_no_picture_is_ever_written_or_logged(ask, call, disk, caplog, capfd, monkeypatch):
    for name in ("uvicorn", "uvicorn.access"):  # else they write to what was sys.stderr at the start
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
    with io.BytesIO() as file:
        Image.fromarray(np.full((40, 30, 3), 200, np.uint8)).save(file, "JPEG", comment=MARK)
        content = file.getvalue()
    text = base64.b64encode(content).decode()
    url = f"data:image/jpeg;base64,{text}"
    call("echo", {})  # whatever the first request sets up
    disk.seen.clear()
    disk.watching = True
    with caplog.at_level(logging.DEBUG):
        assert call("look", {"picture": url}) == (200, b'{"shape":[40,30,3]}')
        assert call("look", {"picture": url, "more": url}) == (200, b'{"error":"failed"}')
        assert call("look", {"picture": url[:-100]})[0] == 200
        assert call("fail", {"secret": url}) == (200, b'{"error":"failed"}')
        assert call("look", {"picture": url}, component_id=url)[0] in (400, 404, 422, 500)
        assert call(url, {"picture": url})[0] == 404
        body = json.dumps({"data": [url], "fn_index": 0, "session_hash": "abc"}).encode()
        for path in ("queue/join", "run/predict", "api/look", "call/look", "call/v2/look", "reset", "cancel"):
            ask(f"/gradio_api/{path}", body, JSON)
        for kind in (FORM, FORM.upper()):
            for path in ("upload", "process_recording", "component_server", "queue/join"):
                assert ask(f"/gradio_api/{path}", multipart(content), ("Content-Type", kind))[0] == 403
        ask("/gradio_api/component_server", content, JSON)
        ask(
            "/login",
            f"username={text}&password={text}".encode(),
            ("Content-Type", "application/x-www-form-urlencoded"),
        )
    assert disk.seen == []
    assert "look failed" in caplog.text and "Exception" not in caplog.text
    logged = caplog.text + "".join(capfd.readouterr())
    for trace in (MARK.decode(), text[:60], text[-60:]):
        assert trace not in logged
    with tempfile.NamedTemporaryFile() as file:
        assert file.name in disk.seen  # it does see what is written
    disk.watching = False
    folders = (tempfile.gettempdir(), Path.cwd(), Path.home())
    assert not [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]


def test_a_page_that_opens_again_takes_the_place_of_the_one_before(assets, functions):
    first, second = (web.page("Twice", "small", functions) for _ in range(2))
    addresses = [web.launch(page) for page in (first, second)]
    assert not first.is_running and second.is_running
    assert len(addresses) == 2
    second.close(verbose=False)
