"""The guard of the web applications, by itself: what passes, and what is refused unread."""

import asyncio
import base64
import json

import pytest

from fer.apps import uploads, web

JSON = ("Content-Type", "application/json")


def asked(path="/config", method="POST", headers=(), chunks=(b"{}",)):
    """Sends a request through a Guard.

    Returns:
        Status and body of the answer; what reached the application, None where nothing did; number of chunks
        that were read.
    """
    reached, sent = None, []
    waiting = list(chunks)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    async def application(scope, receive, send):
        nonlocal reached
        reached, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            reached, more = reached + message.get("body", b""), message["more_body"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"answer"})

    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "method": method, "path": path, "headers": raw}
    asyncio.run(web.Guard(application)(scope, receive, send))
    status = sent[0]["status"] if sent else None
    return status, b"".join(part.get("body", b"") for part in sent), reached, len(chunks) - len(waiting)


def test_an_ordinary_request_passes_unchanged():
    chunks = [b'{"data":', b" {}}"]
    headers = [JSON, ("Content-Length", "12")]
    assert asked("/gradio_api/component_server", "POST", headers, chunks) == (
        200,
        b"answer",
        b'{"data": {}}',
        2,
    )
    assert asked("/", "GET", [], [b""])[:3] == (200, b"answer", b"")


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/upload/",
        "/gradio_api/upload_progress",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/stream/1",
        "/gradio_api/proxy=http://example.com",
        "/gradio_api/vibe-edit",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_paths_of_files_are_closed(path, method):
    status, _, reached, read = asked(path, method)
    assert (status, reached, read) == (403, None, 0)


@pytest.mark.parametrize(
    "kinds",
    [
        ["multipart/form-data; boundary=b"],
        ["Multipart/Form-Data; boundary=b"],
        [" multipart/form-data"],
        ["multipart/mixed"],
        ["multipart/form-data", "application/json"],
        ["application/json", "MULTIPART/form-data"],
    ],
)
@pytest.mark.parametrize("name", ["Content-Type", "content-type", "CONTENT-TYPE"])
def test_forms_with_files_are_refused_however_they_are_announced(kinds, name):
    status, body, reached, read = asked(headers=[(name, kind) for kind in kinds])
    assert (status, json.loads(body), reached, read) == (403, {"error": "refused"}, None, 0)


@pytest.mark.parametrize(
    "lengths",
    [
        [str(web.LARGEST_BODY + 1)],
        ["100000000000000000000000"],
        ["9" * 5000],
        ["-1"],
        ["+5"],
        ["5_0"],
        ["abc"],
        ["1e3"],
        ["0x10"],
        ["12, 12"],
        ["²"],
        [""],
        ["5", str(web.LARGEST_BODY + 1)],
        [str(web.LARGEST_BODY + 1), "5"],
        ["-1", "5"],
    ],
    ids=lambda lengths: "/".join(lengths)[:20],
)
@pytest.mark.parametrize("name", ["Content-Length", "content-length"])
def test_a_length_that_is_too_large_or_no_number_is_refused_unread(lengths, name):
    status, body, reached, read = asked(headers=[(name, length) for length in lengths])
    assert (status, json.loads(body), reached, read) == (413, {"error": "file_too_large"}, None, 0)


def test_a_body_may_have_the_largest_size():
    body = bytes(web.LARGEST_BODY)
    headers = [("Content-Length", str(len(body)))]
    status, _, reached, _ = asked(headers=headers, chunks=[body])
    assert status == 200 and len(reached) == len(body)


@pytest.mark.parametrize("headers", [[], [("Content-Length", "5")], [("Transfer-Encoding", "chunked")]])
def test_a_body_that_grows_beyond_the_limit_ends(headers):
    """Unannounced or announced as smaller than it is."""
    part = bytes(2**20)
    chunks = [part] * 100
    status, _, reached, read = asked(headers=headers, chunks=chunks)
    assert status is None
    assert len(reached) <= web.LARGEST_BODY and read == web.LARGEST_BODY // len(part) + 1


def test_the_largest_photo_fits_into_a_request():
    content = base64.b64encode(bytes(uploads.LARGEST_PHOTO)).decode()
    request = {"session_hash": "x" * 40, "fn_name": "describe", "component_id": 1}
    request["data"] = {"image": f"data:image/jpeg;base64,{content}"}
    assert len(json.dumps(request)) < web.LARGEST_BODY


def test_what_is_no_request_passes():
    scopes = []

    async def application(scope, receive, send):
        scopes.append(scope["type"])

    asyncio.run(web.Guard(application)({"type": "lifespan"}, None, None))
    assert scopes == ["lifespan"]
