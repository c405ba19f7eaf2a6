"""What the web applications share: a page of Gradio whose requests stay small and in memory."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from fer.apps.uploads import LARGEST_PHOTO, Refused

logger = logging.getLogger(__name__)

ASSETS = Path(__file__).parent / "assets"
HOST = "127.0.0.1"
LARGEST_BODY = LARGEST_PHOTO * 4 // 3 + 64 * 2**10
"""Bytes of a request: the text of the largest photo and a little."""

_CLOSED_NAMES = ("api", "call", "file", "proxy", "queue", "run", "stream", "upload", "vibe")
_CLOSED = tuple(f"/gradio_api/{name}" for name in _CLOSED_NAMES)
_FONTS = ("system-ui", "sans-serif")

Answer = Callable[[dict], dict]

_served: dict[str, gr.Blocks] = {}


def page(title: str, name: str, functions: Mapping[str, Callable[..., dict]], **props: Any) -> gr.Blocks:
    """Builds a page from the files ``NAME.html``, ``NAME.css`` and ``NAME.js`` of ``assets``.

    Args:
        title: What the browser calls the page.
        name: Of the files. The JavaScript follows that of ``camera.js``; ``props.settings`` are the props.
        functions: What it may call, ``server.NAME({...})``. Each takes the keys as arguments and returns what
            JSON takes; for what a page cannot do, it raises ``Refused``, and the page gets
            ``{"error": reason}``.
        **props: What the page is given, as JSON takes it.
    """
    read = {suffix: (ASSETS / f"{name}.{suffix}").read_text("utf-8") for suffix in ("html", "css", "js")}
    camera = (ASSETS / "camera.js").read_text("utf-8")
    with gr.Blocks(title=title, analytics_enabled=False) as blocks:
        gr.HTML(
            html_template=read["html"],
            css_template=read["css"],
            js_on_load=f"{camera}\n{read['js']}",
            server_functions=[_answering(key, function) for key, function in functions.items()],
            elem_id=name,
            settings=props,
        )
    return blocks


def launch(
    blocks: gr.Blocks,
    port: int | None = None,
    share: bool = False,
    wait: bool = False,
    routes: list | None = None,
    started: Callable[[], None] | None = None,
) -> str:
    """Serves a page and returns its address.

    It listens on 127.0.0.1 only. In a notebook the page opens below the cell; where the cell runs again, the
    page that it opened before is closed.

    Args:
        blocks: The page.
        port: Port; None is the first free one from 7860 on.
        share: Makes a public address through Gradio's servers.
        wait: Stays until Ctrl-C.
        routes: Further routes of Starlette.
        started: Runs in a thread of its own as soon as the page is there.

    Raises:
        OSError: The port is in use.
    """
    if port and not _is_free(port):
        raise OSError(f"Port {port} is in use. Choose another one, or none for the first that is free.")
    if earlier := _served.pop(blocks.title, None):
        earlier.close(verbose=False)
    _, local, public = blocks.launch(
        server_name=HOST,
        server_port=port,
        share=share,
        quiet=True,
        prevent_thread_lock=True,
        show_error=False,
        height=900,
        footer_links=[],
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
        enable_monitoring=False,
        run_history=False,
        max_file_size=1,
        state_session_capacity=100,
        theme=gr.themes.Default(font=_FONTS, font_mono=("monospace",)),
        app_kwargs={"middleware": [Middleware(Guard)], "routes": routes or []},
    )
    _served[blocks.title] = blocks
    if started:
        threading.Thread(target=started, name=started.__name__, daemon=True).start()
    if wait:
        print(f"The page is at {public or local}. Ctrl-C stops it.", flush=True)
        blocks.block_thread()
    return public or local


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


class Guard:
    """Refuses requests that no page of ours makes: files, forms, and more than ``LARGEST_BODY`` bytes."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A header may come several times, and who reads it may take the first or the last.
        headers = [(name.lower(), value.lower()) for name, value in scope["headers"]]
        form = any(name == b"content-type" and b"multipart" in value for name, value in headers)
        if scope["path"].startswith(_CLOSED) or form:
            await JSONResponse({"error": "refused"}, 403)(scope, receive, send)
        elif not all(_fits(value) for name, value in headers if name == b"content-length"):
            await JSONResponse({"error": "file_too_large"}, 413)(scope, receive, send)
        else:
            await self._app(scope, _Counted(receive), send)


def _fits(length: bytes) -> bool:
    return length.isdigit() and len(length) <= 20 and int(length) <= LARGEST_BODY


class _Counted:
    """Ends a request whose body grows beyond the limit, announced or not."""

    def __init__(self, receive):
        self._receive, self._bytes = receive, 0

    async def __call__(self):
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._bytes > LARGEST_BODY else message


def _answering(name: str, function: Callable[..., dict]) -> Answer:
    """Makes a function for Gradio that takes one JSON object and never fails."""

    def answer(data: dict) -> dict:
        try:
            return function(**data) if isinstance(data, dict) else {"error": "failed"}
        except Refused as error:
            return {"error": error.reason}
        except Exception as error:  # the page goes on, and a request's content is not logged
            logger.warning("%s failed: %s", name, type(error).__name__)
            return {"error": "failed"}

    answer.__name__ = name
    return answer
